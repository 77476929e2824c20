import { countProcesses } from '../postgres/alone.ts';
import type { Queries } from '../postgres/database.ts';
import { CannotMove } from './cannot-move.ts';
import type { Step } from './plan.ts';

/** Until the end of the transaction nobody else copies into this database, and nobody begins to work on it (`postgres/migrate.ts`). */
export async function assertAlone(there: Queries): Promise<void> {
  const lock = await there.get<{ mine: boolean }>('SELECT pg_try_advisory_xact_lock(741852, 2) AS mine');
  if (!lock?.mine) {
    throw new CannotMove(
      'Another "slipstream migrate --from sqlite" is copying into the database in DATABASE_URL. Wait until it is over.',
    );
  }
  if ((await countProcesses(there)) > 0) {
    throw new CannotMove(
      'A Slipstream is at work on the database in DATABASE_URL, so nothing was copied into it. Stop every process of it, then try again.',
    );
  }
  // Whoever slipped through between the two writes nothing before this is over.
  await there.run('LOCK TABLE accounts, deliveries, tasks IN SHARE ROW EXCLUSIVE MODE');
}

/** What is left where a process was started on the empty database: the word of its key perhaps, and that it could write. */
export async function clearTraces(there: Queries): Promise<void> {
  await there.run('DELETE FROM board');
  await there.run('DELETE FROM marks');
}

/** Two installations in one database would be neither. */
export async function assertEmpty(there: Queries, steps: readonly Step[]): Promise<void> {
  const held: string[] = [];
  for (const { name } of steps) {
    const count = await there.get<{ n: number }>(`SELECT count(*) AS n FROM ${name}`);
    if (count?.n && name !== 'marks') held.push(`${count.n} in ${name}`);
  }
  if (held.length === 0) return;
  throw new CannotMove(
    `The database in DATABASE_URL holds data already (${held.slice(0, 4).join(', ')}${held.length > 4 ? ', …' : ''}), so nothing was copied into it. ` +
      'Is that a copy made by this command, then it is whole: one that was cut off leaves nothing behind. Else make an empty database and name that one.',
  );
}
