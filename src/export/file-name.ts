import type { LibraryItem } from '../storage/library.ts';

/** Most file systems take 255 bytes; the date, the id and the ending need the rest. */
const MOST_NAME_BYTES = 180;

/** `trips/YYYY-MM-DD name id`, without an ending, in signs that every file system takes: the same for every export, and no other item's. */
export function fileName({ departed_at, created_at, updated_at, name, type, id }: LibraryItem): string {
  const date = /^\d{4}-\d\d-\d\d/.exec(departed_at ?? created_at ?? updated_at)?.[0] ?? '0000-00-00';
  const plain = name
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}\p{M} ._()&',+-]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return `${type}s/${date} ${cut(plain) || type} ${id}`;
}

function cut(text: string): string {
  let kept = '';
  for (const sign of text) {
    if (Buffer.byteLength(kept + sign) > MOST_NAME_BYTES) break;
    kept += sign;
  }
  return kept.trim();
}
