/**
 * Words of texts as `search` has them: as FTS5's `unicode61 remove_diacritics 2` parts and folds them beside SQLite (which knows marks of
 * Latin letters only; more is found here), and PostgreSQL's own parser has no say. Each begins with its account, so that everybody's words are a place of their own in the index.
 */

/** Longer ones are found by their beginning. */
const LONGEST_WORD = 60;
/** All of them, and their accounts, are less than the megabyte that one vector may have. */
const MOST_WORDS = 5_000;

/** What an item is found by, for `array_to_tsvector`. */
export const searchWords = (accountId: number, texts: readonly string[]): string[] =>
  [...new Set(texts.flatMap(wordsIn))].slice(0, MOST_WORDS).map((word) => `${accountId}/${word}`);

/**
 * A `tsquery` for what one of the accounts has: every word begun, in any order. Without words it finds nothing.
 *
 * @param typed - as they were typed, in parts without an operator in them.
 */
export function searchQuery(accountIds: readonly number[], typed: readonly string[]): string {
  const words = typed.flatMap(wordsIn);
  if (words.length === 0) return '';
  const ofAccount = (id: number) => `(${words.map((word) => `'${id}/${word}':*`).join(' & ')})`;
  return accountIds.map(ofAccount).join(' | ');
}

/** Letters and digits; whatever else parts them. */
const wordsIn = (text: string): string[] =>
  (folded(text).match(/[\p{L}\p{N}\p{Co}]+/gu) ?? []).map((word) => word.slice(0, LONGEST_WORD));

/** Without case and marks. A sigma at the end of a word is one that goes on when more is typed. */
const folded = (text: string): string =>
  text.normalize('NFD').replace(/\p{M}/gu, '').normalize('NFC').toLowerCase().replaceAll('ς', 'σ');
