import type { SourceName } from '../../vocabulary.ts';
import type { Cell, Installation } from './installation.ts';

/** Something that is of no use without the key that sealed it. */
export interface Sealed {
  source: SourceName;
  /** Null: it speaks of several. */
  account: string | null;
  sealed: Buffer;
}

/** Every token; and of privacy codes and deliveries, which may be many, the latest of each. */
export function sealedIn(here: Installation): Sealed[] {
  const rows = [
    ...here.rows(
      'mirror',
      'SELECT source, user_id, sealed_token FROM accounts WHERE sealed_token IS NOT NULL ORDER BY id',
    ),
    ...here.rows(
      'mirror',
      `SELECT source, user_id, secret FROM items JOIN accounts ON accounts.id = account_id
       WHERE secret IS NOT NULL ORDER BY items.id DESC LIMIT 1`,
    ),
    ...here.rows('inbox', 'SELECT source, NULL, body FROM deliveries WHERE sealed = 1 ORDER BY id DESC LIMIT 1'),
  ];
  return rows.flatMap(sealedOf);
}

function sealedOf([source, account, sealed]: Cell[]): Sealed[] {
  if (!Buffer.isBuffer(sealed)) return [];
  // What the program has written: the names of its own sources.
  return [{ source: source as SourceName, account: typeof account === 'string' ? account : null, sealed }];
}
