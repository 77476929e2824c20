import { language } from './say.ts';

/** The formatters of pages, in the language of who looks. Making one costs a hundred times as much as using it, and a page uses hundreds. */

const numbers = new Map<string, Intl.NumberFormat>();
const dates = new Map<string, Intl.DateTimeFormat>();
const countries = new Map<string, Intl.DisplayNames>();

/** `1,247.6`. */
export function decimal(value: number, digits: number): string {
  const { tag } = language();
  const key = `${tag} ${digits}`;
  const format = numbers.get(key) ?? numberFormat(tag, digits);
  numbers.set(key, format);
  return format.format(value);
}

const numberFormat = (tag: string, digits: number): Intl.NumberFormat =>
  new Intl.NumberFormat(tag, { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** @throws RangeError for a time zone that there is none of. */
export function dateFormat(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const locale = language().dates;
  const key = `${locale} ${JSON.stringify(options)}`;
  const format = dates.get(key) ?? new Intl.DateTimeFormat(locale, options);
  dates.set(key, format);
  return format;
}

/** `Slovenia` of `SI`; `english` for what is no code of a country. */
export function countryName(code: string, english: string): string {
  if (!/^[A-Za-z]{2}$/.test(code)) return english;
  const { tag } = language();
  const names = countries.get(tag) ?? new Intl.DisplayNames(tag, { type: 'region', fallback: 'none' });
  countries.set(tag, names);
  return names.of(code) ?? english;
}
