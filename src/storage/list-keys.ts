/** What no database makes of a ride by itself, for its place in lists. */

/** What a name is sorted by, so that "Über" is beside "Uberto" and "alp" beside "Alp". */
export const nameKey = (title: string): string => title.trim().normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

const countries = new Intl.DisplayNames('en', { type: 'region', fallback: 'code' });

/** `Slovenia` of `SI`, to be found by and to be shown; what is no code of a country stays as it is. */
export const countryName = (code: string): string => (/^[A-Za-z]{2}$/.test(code) ? (countries.of(code) ?? code) : code);
