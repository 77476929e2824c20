import { typedWords } from '../typed-words.ts';
import { searchQuery } from './search-words.ts';

/** The items that `queryOf` finds. */
export const FOUND = 'SELECT item FROM search WHERE words @@ @q::tsquery';

/** What was typed as a `tsquery` for what these accounts have: every word begun, in any order. Undefined: nothing was typed. */
export function queryOf(accountIds: readonly number[], q: string): string | undefined {
  const words = typedWords(q);
  return words && searchQuery(accountIds, words);
}
