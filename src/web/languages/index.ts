import { ENGLISH, type Language } from '../say.ts';

/**
 * The languages of the pages, the one to fall back to first. To add one: a file beside this one that exports a `Language`, and its name
 * here. `test/web/languages.test.ts` then says which texts are missing.
 */
export const LANGUAGES: readonly Language[] = [ENGLISH];

/**
 * The language that a browser would like best among those there are: `de-AT` finds `de`, and `pt` finds `pt-BR`.
 *
 * @param acceptLanguage The header of RFC 9110, 12.5.4; what is no such thing asks for nothing.
 */
export function languageFor(acceptLanguage: string | undefined, languages: readonly Language[] = LANGUAGES): Language {
  for (const range of rangesOf(acceptLanguage ?? '')) {
    const found = bestOf(range, languages);
    if (found) return found;
  }
  return languages[0] ?? ENGLISH;
}

/** In lower case, the most wanted first. */
function rangesOf(header: string): string[] {
  return header
    .toLowerCase()
    .split(',')
    .map((each) => {
      const [range = '', ...parameters] = each.split(';').map((part) => part.trim());
      const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? '1';
      return { range, quality: Number(quality) };
    })
    .filter(({ quality }) => quality > 0)
    .toSorted((one, other) => other.quality - one.quality)
    .map(({ range }) => range);
}

/** First what is exactly asked for, then what it is a variety of, at last a variety of it. */
function bestOf(range: string, languages: readonly Language[]): Language | undefined {
  const tagged = (fits: (tag: string) => boolean) => languages.find(({ tag }) => fits(tag.toLowerCase()));
  for (let wider = range; wider !== ''; wider = wider.slice(0, Math.max(0, wider.lastIndexOf('-')))) {
    const found = tagged((tag) => tag === wider);
    if (found) return found;
  }
  return range === '*' ? languages[0] : tagged((tag) => tag.startsWith(`${range}-`));
}
