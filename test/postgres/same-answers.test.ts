import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { statisticsOf } from '../../src/statistics/index.ts';
import type { Account } from '../../src/storage/accounts.ts';
import type { MirrorWriter } from '../../src/storage/mirror.ts';
import { openDatabase } from '../../src/storage/postgres/database.ts';
import * as postgres from '../../src/storage/postgres/mirror.ts';
import * as sqlite from '../../src/storage/sqlite/mirror.ts';
import { madeUpQuery, writeMadeUpLibrary } from '../support/made-up-library.ts';
import { freshDatabase, stopPostgres } from '../support/postgres.ts';

/** Some seconds, where nothing else is done at the same time. */
const PATIENCE_MS = 180_000;
const ITEMS = 200;
const QUERIES = 100;

interface Filled {
  mirror: MirrorWriter;
  rider: Account;
}

let dataDir: string;
let both: [Filled, Filled];
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'slipstream-'));
  const { url } = await freshDatabase();
  const mirrors = [sqlite.openMirrorForWriting(dataDir), postgres.openMirrorForWriting({ databaseUrl: url })];
  both = (await Promise.all(mirrors.map(filled))) as [Filled, Filled];
  // So few rows are read in the order in which they were written: what is to be in another one must be asked for.
  const db = openDatabase(url, { most: 1 });
  await db.run('ANALYZE');
  await db.close();
}, PATIENCE_MS);
afterAll(async () => {
  for (const { mirror } of both) await mirror.close();
  rmSync(dataDir, { recursive: true });
  await stopPostgres();
});

async function filled(mirror: MirrorWriter): Promise<Filled> {
  const connect = (account: string) =>
    mirror.accountWriter.connect({
      ...{ source: 'ridewithgps', account, name: account, client: '', tokenKind: 'bearer', connectedAt: 0 },
      sealedToken: Buffer.from('sealed'),
    });
  const [rider, other] = [await connect('1'), await connect('2')];
  await writeMadeUpLibrary(mirror, rider, ITEMS);
  await writeMadeUpLibrary(mirror, other, 20);
  return { mirror, rider };
}

/** Everything that is read of a library with one filter. */
async function answersOf({ mirror, rider }: Filled, seed: number): Promise<unknown> {
  const { sort, order, page, pageSize, ...filter } = madeUpQuery(seed);
  const { library, lines, records } = mirror;
  const { boxes, tracks } = await lines.boxes(rider.id, filter);
  const list = await library.list(rider.id, { ...filter, sort, order, page, pageSize });
  return {
    list: { ...list, items: list.items.map(({ fetched_at: _, ...item }) => item) },
    tally: await library.tally(rider.id, filter),
    shown: [...(await lines.shown(rider.id, filter)).values()].map(({ type, id }) => `${type}/${id}`).toSorted(),
    ...{ boxes, tracks },
    statistics: await statisticsOf(mirror, { accountId: rider.id, filter, year: 'all', today: '2026-06-01' }),
    records: await records.list([rider.id], { q: filter.q, state: filter.state, page, pageSize }),
  };
}

test('a library has the same answers in PostgreSQL as in SQLite, whatever is asked of it', {
  timeout: PATIENCE_MS,
}, async () => {
  let found = 0;
  for (let seed = 1; seed <= QUERIES; seed += 1) {
    const [expected, answers] = await Promise.all(both.map((each) => answersOf(each, seed)));
    expect(answers, JSON.stringify(madeUpQuery(seed))).toEqual(expected);
    if ((expected as { tally: number }).tally > 0) found += 1;
  }
  expect(found).toBeGreaterThan(QUERIES / 3);
});

test('each item has the same versions, the same story and the same bodies', async () => {
  for (let id = 1; id <= ITEMS; id += 1) {
    const told = both.map(async ({ mirror: { library }, rider }) => {
      const item = [rider.id, id % 2 ? 'route' : 'trip', String(id)] as const;
      const revisions = await library.revisions(...item);
      const bodies = await Promise.all(revisions.map(({ revision }) => library.body(...item, revision)));
      return {
        item: await library.find(...item),
        revisions,
        bodies: bodies.map(String),
        passages: await library.passages(...item),
      };
    });
    const [expected, answer] = await Promise.all(told);
    expect(answer).toEqual(expected);
  }
});
