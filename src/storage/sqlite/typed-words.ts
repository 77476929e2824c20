/**
 * What was typed as an expression of FTS5: every word begun, in any order. Whatever is no letter or digit only parts words, so
 * that nothing typed is an operator. Undefined: nothing was typed; what has no word in it is found nowhere.
 */
export function matchOf(q: string): string | undefined {
  if (q.trim() === '') return undefined;
  const words = q.match(/[\p{L}\p{N}\p{M}\p{Co}]+/gu) ?? [];
  return words.length === 0 ? '""' : words.map((word) => `"${word}"*`).join(' ');
}
