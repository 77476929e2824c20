import type { Assets } from '../../src/web/assets.ts';
import { language } from '../../src/web/say.ts';
import { PAGES } from './gallery.ts';
import { comparison } from './histories.ts';
import { ITEM_TRACKS } from './item-tracks.ts';

/** What the test site answers: the gallery, and what its items and their versions fetch. */
export function answers(path: string, assets: Assets): string | object | undefined {
  // The map beside the list is the subject of other tests: here it has nothing to draw.
  if (path.startsWith('/map/where')) return { tracks: 0, bounds: null, places: {} };
  if (path.startsWith('/texts/')) return language();
  return PAGES[path]?.(assets) ?? ITEM_TRACKS[path.replace(/\/track\.json$/, '')]?.() ?? LINES[path]?.();
}

const LINES: Record<string, () => object> = {
  '/trips/1/history/3/track.json?against=2': () => comparison().drawing,
  '/trips/1/history/1/track.json': () => comparison().drawing,
};
