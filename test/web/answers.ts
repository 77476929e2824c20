import type { Assets } from '../../src/web/assets.ts';
import { PAGES } from './gallery.ts';
import { ITEM_TRACKS } from './item-tracks.ts';

/** What the test site answers: the gallery, and the tracks that its items fetch. */
export function answers(path: string, assets: Assets): string | object | undefined {
  return PAGES[path]?.(assets) ?? ITEM_TRACKS[path.replace(/\/track\.json$/, '')]?.();
}
