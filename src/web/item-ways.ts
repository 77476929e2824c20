import type { LibraryItem } from '../storage/library.ts';
import { type Html, html } from './html.ts';
import { itemPath } from './item-words.ts';
import { say } from './say.ts';
import { counted } from './units.ts';

/** From an item to its past, and to how it came here. */
export function itemWays(item: LibraryItem, earlier: number): Html {
  return html`<nav class="item-ways" aria-label="${say`About this copy`}"><a href="${itemPath(item)}/history">${say`History`}</a><span class="quiet">${earlier === 0 ? say`not changed since it came here` : counted(earlier, 'earlier version')}</span><a href="${itemPath(item)}/why">${say`How it came here`}</a></nav>`;
}
