import { type Html, raw } from './html.ts';

/** Drawings of our own, 24 × 24, one stroke, in the colour of the text around them. Always beside a word, so hidden from screen readers. */
export type IconName = keyof typeof PATHS;

export function icon(name: IconName): Html {
  return raw(
    `<svg class="icon" viewBox="0 0 24 24" width="24" height="24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${PATHS[name]}</svg>`,
  );
}

const PATHS = {
  library: '<path d="M3.5 17c2-7 4-7 5.5-3.5S13 17 14.5 12 18 5 20.5 6.5"/><path d="M3.5 21h17"/>',
  statistics: '<path d="M5 20v-6m4.7 6V9m4.6 11v-8M19 20V4"/>',
  map: '<path d="M3.5 6.5 9 4l6 2.5L20.5 4v13.5L15 20l-6-2.5L3.5 20z"/><path d="M9 4v13.5m6-11V20"/>',
  sources:
    '<path d="M12 20v-7"/><path d="M12 13C12 9 5 10 5 5.5M12 13c0-4 7-3 7-7.5M12 13V4"/><circle cx="12" cy="20" r="1.5"/>',
  sync: '<path d="M4.5 10.5a7.5 7.5 0 0 1 13-3.5l2 2"/><path d="M19.5 4.5V9H15"/><path d="M19.5 13.5a7.5 7.5 0 0 1-13 3.5l-2-2"/><path d="M4.5 19.5V15H9"/>',
  settings: '<path d="M4 8h9m5 0h2M4 16h2m5 0h9"/><circle cx="15.5" cy="8" r="2.5"/><circle cx="8.5" cy="16" r="2.5"/>',
  pin: '<path d="M9 4h6l-1 6 3.5 3.5h-11L10 10z"/><path d="M12 13.5V20"/>',
  hidden: '<path d="M3.5 12c4-6.5 13-6.5 17 0-4 6.5-13 6.5-17 0z"/><path d="M5 19.5 19 4.5"/>',
  deleted: '<path d="M5 7h14M10 7V4.5h4V7M7 7l1 12.5h8L17 7"/>',
  attention: '<path d="M12 4 2.5 20h19z"/><path d="M12 10.5v4.5m0 2.5v.1"/>',
  done: '<path d="m5 12.5 4.5 4.5L19 7.5"/>',
  search: '<circle cx="10.5" cy="10.5" r="6"/><path d="m15 15 5.5 5.5"/>',
  download: '<path d="M12 4v11m0 0-4.5-4.5M12 15l4.5-4.5M4.5 20h15"/>',
  down: '<path d="m7 10 5 5 5-5"/>',
  back: '<path d="M20 12H4.5m0 0 6-6m-6 6 6 6"/>',
} as const;

/** The mark: a rider's line and the one that follows in its slipstream. */
export function mark(): Html {
  return raw(
    '<svg class="mark" viewBox="0 0 32 32" width="32" height="32" fill="none" stroke-linecap="round" stroke-width="3" aria-hidden="true"><path class="mark-track" d="M3 20C9 20 9 8 16 8s7 8 13 8"/><path stroke="currentColor" d="M3 27c6 0 8-11 13-11 4 0 5 6 9 7"/></svg>',
  );
}
