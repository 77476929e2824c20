/** How a rider wants the pages; an empty text leaves it to the browser. */
export interface Preferences {
  units: (typeof UNITS)[number];
  theme: (typeof THEMES)[number];
  mapStyle: (typeof MAP_STYLES)[number];
  /** BCP 47: the tag of one that the pages had when it was chosen. */
  language: string;
}

export const UNITS = ['', 'metric', 'imperial'] as const;
export const THEMES = ['', 'light', 'dark'] as const;
/** Empty: the richest that this installation has. */
export const MAP_STYLES = ['', 'plain', 'streets', 'remote'] as const;
