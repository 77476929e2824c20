import { typedWords } from '../typed-words.ts';

/** What was typed as an expression of FTS5: every word begun, in any order. Undefined: nothing was typed. */
export function matchOf(q: string): string | undefined {
  const words = typedWords(q);
  if (words === undefined) return undefined;
  return words.length === 0 ? '""' : words.map((word) => `"${word}"*`).join(' ');
}
