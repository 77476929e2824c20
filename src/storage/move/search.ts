import type { Queries } from '../postgres/database.ts';
import { searchWords } from '../postgres/search-words.ts';
import { CannotMove } from './cannot-move.ts';
import type { Installation } from './installation.ts';
import { batchesOf } from './rows.ts';

/** The texts are in the index of SQLite; PostgreSQL has words instead, as its writer of items makes them. */
export async function fillSearch(here: Installation, there: Queries): Promise<void> {
  const texts = here.rows(
    'mirror',
    'SELECT items.id, account_id, name, description, place FROM search JOIN items ON items.id = search.rowid',
  );
  for (const rows of batchesOf(texts)) {
    await there.run(
      `INSERT INTO search (item, words)
       SELECT item, array_to_tsvector(string_to_array(words, ' ')) FROM unnest(@items::bigint[], @words::text[]) AS t (item, words)`,
      {
        items: rows.map(([item]) => item),
        words: rows.map(([, account, ...found]) => searchWords(Number(account), found.map(String)).join(' ')),
      },
    );
  }
  const known = Number(here.get('mirror', 'SELECT count(*) FROM search'));
  const filled = await there.get<{ n: number }>('SELECT count(*) AS n FROM search');
  if (filled?.n === known) return;
  throw new CannotMove(
    `mirror.db is damaged: its search knows ${known} items, and ${filled?.n ?? 0} of them are there. Nothing was copied. Put a backup in its place with "slipstream restore", then try again.`,
  );
}
