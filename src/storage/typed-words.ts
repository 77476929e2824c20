/**
 * The words of what was typed, as they were typed: whatever is no letter or digit only parts them, so that nothing typed is an operator.
 *
 * @returns undefined: nothing was typed. None: there is no word in it, and it is found nowhere.
 */
export function typedWords(q: string): string[] | undefined {
  return q.trim() === '' ? undefined : (q.match(/[\p{L}\p{N}\p{M}\p{Co}]+/gu) ?? []);
}
