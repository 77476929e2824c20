import { createHash } from 'node:crypto';
import type { Language } from '../say.ts';

/** A language as a file for the browser's client. */
export interface TextsFile {
  /** With the hash of what is in it: it may be kept for ever. */
  address: string;
  json: string;
}

const files = new WeakMap<Language, TextsFile>();

export function textsFile(language: Language): TextsFile {
  const known = files.get(language);
  if (known) return known;
  const json = JSON.stringify(language);
  const hash = createHash('sha256').update(json).digest('hex').slice(0, 12);
  const file = { address: `/texts/${language.tag}-${hash}.json`, json };
  files.set(language, file);
  return file;
}
