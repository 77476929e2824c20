import { KEY_WORD } from '../board.ts';
import type { Queries } from './database.ts';

/** What `same-key.ts` left on the board, for whoever looks while no process runs. */
export async function leftKeyWord(queries: Queries): Promise<string | undefined> {
  const row = await queries.get<{ value: string }>('SELECT value FROM board WHERE name = @name', { name: KEY_WORD });
  const word: unknown = row && JSON.parse(row.value);
  return typeof word === 'string' ? word : undefined;
}

export async function leaveKeyWord(queries: Queries, word: string): Promise<void> {
  await queries.run(
    'INSERT INTO board (name, value) VALUES (@name, @value) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
    { name: KEY_WORD, value: JSON.stringify(word) },
  );
}
