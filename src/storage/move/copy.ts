import { openDatabase, type Queries } from '../postgres/database.ts';
import { migrate } from '../postgres/migrate.ts';
import { storableText } from '../postgres/text.ts';
import { wholeRows } from './bodies.ts';
import { CannotMove } from './cannot-move.ts';
import { createChecksum, type Sum } from './checksum.ts';
import type { Cell, Installation } from './installation.ts';
import { assertAlone, assertEmpty, clearTraces } from './permission.ts';
import { type CopiedPictures, copyPictures, verifyPictures } from './pictures.ts';
import { planCopy, type Step } from './plan.ts';
import { batchesOf, digested, insertRows, readBack } from './rows.ts';
import { fillSearch } from './search.ts';
import { setSequences } from './sequences.ts';

export interface Moved {
  /** What each has, on both sides. */
  tables: (Sum & { name: string })[];
  pictures: CopiedPictures;
  /** Texts with a NUL in them, which PostgreSQL does not have: U+FFFD stands in its place now. */
  replaced: number;
}

export type OnProgress = (phase: 'rows' | 'photos' | 'verifying', done: number, total: number) => void;

/** What every process sees, by name (`storage/board.ts`). */
export type OnBoard = Readonly<Record<string, unknown>>;

/**
 * Copies an installation into an empty PostgreSQL and compares the two, all in one transaction: cut off anywhere, nothing of it is there,
 * and what is there is whole. Memory does not grow with what is copied, but for the largest picture.
 *
 * @param onBoard What is on the board of the copy.
 * @throws CannotMove, and what `asStorageError` makes of the server.
 */
export async function copyInstallation(
  here: Installation,
  url: string,
  onBoard: OnBoard,
  onProgress: OnProgress,
): Promise<Moved> {
  await migrate(url);
  const db = openDatabase(url, { most: 1, patience: Number.POSITIVE_INFINITY });
  try {
    const moved = await db.transaction(async (there) => {
      await assertAlone(there);
      const steps = await planCopy(here, there);
      await assertEmpty(there, steps);
      await clearTraces(there);
      await fillBoard(there, onBoard);
      return copyAll(here, there, steps, onProgress);
    });
    // Until it has counted its rows it takes every table for an empty one. It does so by itself too, a minute later.
    await db.run('ANALYZE').catch(() => {});
    return moved;
  } finally {
    await db.close();
  }
}

async function copyAll(here: Installation, there: Queries, steps: Step[], onProgress: OnProgress): Promise<Moved> {
  const total = steps.reduce((sum, { database, count }) => sum + Number(here.get(database, count)), 0);
  const tables: Moved['tables'] = [];
  let [copied, verified, replaced] = [0, 0, 0];

  await makeDays(here, there);
  await setTriggers(there, steps, 'DISABLE');
  for (const step of steps) {
    const checksum = createChecksum();
    for (const rows of batchesOf(wholeRows(here, step))) {
      replaced += rows.reduce((sum, row) => sum + makeStorable(row), 0);
      await insertRows(there, step, rows);
      for (const row of rows) checksum.add(digested(row));
      copied += rows.length;
      onProgress('rows', copied, total);
    }
    tables.push({ name: step.name, ...checksum.sum() });
  }
  await setTriggers(there, steps, 'ENABLE');
  await fillSearch(here, there);
  const pictures = await copyPictures(here, there, (done, of) => onProgress('photos', done, of));

  for (const [at, step] of steps.entries()) {
    const checksum = createChecksum();
    await readBack(there, step, checksum, (rows) => {
      verified += rows;
      onProgress('verifying', verified, total);
    });
    assertSame(step.name, tables[at], checksum.sum());
  }
  await verifyPictures(there, pictures);
  await setSequences(here, there, steps);
  return { tables, pictures, replaced };
}

async function fillBoard(there: Queries, onBoard: OnBoard): Promise<void> {
  for (const [name, value] of Object.entries(onBoard)) {
    await there.run('INSERT INTO board (name, value) VALUES (@name, @value)', { name, value: JSON.stringify(value) });
  }
}

/** Deliveries are in a partition for each day. */
async function makeDays(here: Installation, there: Queries): Promise<void> {
  for (const [day = null] of here.rows(
    'inbox',
    'SELECT DISTINCT received_at / 86400000 FROM deliveries WHERE unreadable IS NULL ORDER BY 1',
  ))
    await there.run('SELECT make_day(@day::integer)', { day });
}

async function setTriggers(there: Queries, steps: readonly Step[], to: 'ENABLE' | 'DISABLE'): Promise<void> {
  for (const { name, triggers } of steps) if (triggers) await there.run(`ALTER TABLE ${name} ${to} TRIGGER USER`);
}

/** Makes texts what they will be there. @returns how many were anything else. */
function makeStorable(row: Cell[]): number {
  let replaced = 0;
  for (const [at, cell] of row.entries()) {
    if (typeof cell !== 'string') continue;
    const text = storableText(cell);
    if (text !== cell) replaced += 1;
    row[at] = text;
  }
  return replaced;
}

function assertSame(table: string, here: Sum | undefined, there: Sum): void {
  if (here?.rows === there.rows && here.sha256 === there.sha256) return;
  const what = here?.rows === there.rows ? 'other contents' : `${there.rows} rows instead of ${here?.rows ?? 0}`;
  throw new CannotMove(
    `The copy is not what was copied: ${table} has ${what}. Nothing was kept of it, and DATA_DIR is as it was. Try again; if it stays so, one of the two disks is not to be trusted.`,
  );
}
