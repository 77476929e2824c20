/** The formatters of pages. Making one costs a hundred times as much as using it, and a page uses hundreds. */

const numbers = new Map<number, Intl.NumberFormat>();
const dates = new Map<string, Intl.DateTimeFormat>();

/** `1,247.6`. */
export function decimal(value: number, digits: number): string {
  const format = numbers.get(digits) ?? numberFormat(digits);
  return format.format(value);
}

function numberFormat(digits: number): Intl.NumberFormat {
  const format = new Intl.NumberFormat('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  numbers.set(digits, format);
  return format;
}

/** @throws RangeError for a time zone that there is none of. */
export function dateFormat(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify(options);
  const format = dates.get(key) ?? new Intl.DateTimeFormat('en-GB', options);
  dates.set(key, format);
  return format;
}
