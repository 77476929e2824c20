import { afterAll, expect, test } from 'vitest';
import { openDatabase } from '../../src/storage/postgres/database.ts';
import { dayOf } from '../../src/storage/postgres/days.ts';
import { openInbox } from '../../src/storage/postgres/inbox.ts';
import { freshDatabase, IN_THIS_DATABASE, stopPostgres } from '../support/postgres.ts';
import { until } from '../support/until.ts';

const WAITS = `SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'relation' AND ${IN_THIS_DATABASE}`;

afterAll(stopPostgres);

test('a delivery that comes while its day is given a partition is stored like any other', async () => {
  const { url } = await freshDatabase();
  await using opened = new AsyncDisposableStack();
  const db = opened.adopt(openDatabase(url, { most: 4 }), (each) => each.close());
  const inbox = opened.adopt(openInbox({ databaseUrl: url, patienceMs: 30_000 }), (each) => each.close());
  // Long ago: nobody makes partitions for such a day by itself.
  const receivedAt = Date.UTC(2020, 5, 1);
  const delivery = { source: 'ridewithgps', client: 'key', receivedAt, headers: {}, body: Buffer.from('[]') } as const;
  await inbox.keep({ ...delivery, receivedAt: 1_000 });
  const kept = await db.transaction(async (queries) => {
    await queries.run('SELECT make_day(@day)', { day: dayOf(receivedAt) });
    const keeping = inbox.keep(delivery);
    await until(async () => (await db.all(WAITS)).length > 0);
    return { keeping };
  });
  const id = await kept.keeping;
  expect(await db.get('SELECT day FROM deliveries WHERE id = @id', { id })).toEqual({ day: dayOf(receivedAt) });
});
