/** All in which text is another one here than it was given: there is no NUL and no half of a character. Whoever compares with it does this first. */
export const storableText = (text: string): string => text.replaceAll('\0', '\uFFFD').toWellFormed();
