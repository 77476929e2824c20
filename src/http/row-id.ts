/** The number of a row out of an address; 0, which no row has, for what is none: a database may refuse to look for that at all. */
export const rowIdIn = (text: unknown): number =>
  typeof text === 'string' && /^[1-9]\d{0,14}$/.test(text) ? Number(text) : 0;
