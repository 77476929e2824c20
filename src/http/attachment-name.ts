import type { LibraryItem } from '../storage/library.ts';

/** A name that every file system takes. */
export function attachmentName({ name, type, id }: LibraryItem): string {
  const plain = name
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}._-]+/gu, ' ')
    .trim()
    .slice(0, 80);
  return `${plain || type} ${id}`;
}
