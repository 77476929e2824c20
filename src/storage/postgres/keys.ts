import type { Key } from '../../vocabulary.ts';
import { storableText } from './text.ts';

/** As it is stored: text of PostgreSQL has no NUL and no half of a character. Two keys that become one here are one task. */
export const storableKey = ({ source, account, type, id }: Key): Key => ({
  source,
  account: storableText(account),
  type: storableText(type),
  id: storableText(id),
});

/** What its lock is called; `key_name` of `0019_processes.sql` calls it the same. */
export const lockNameOf = ({ source, account, type, id }: Key): string => `key ${source} ${account} ${type} ${id}`;
