import { afterAll, beforeAll } from 'vitest';
import { type Database, openDatabase } from '../../src/storage/postgres/database.ts';
import { openInbox } from '../../src/storage/postgres/inbox.ts';
import { inboxSuite } from '../conformance/inbox.ts';
import { freshDatabase, stopPostgres } from '../support/postgres.ts';

let url: string;
let db: Database;

beforeAll(async () => {
  url = (await freshDatabase()).url;
  db = openDatabase(url, { most: 4 });
});
afterAll(async () => {
  await db.close();
  await stopPostgres();
});

const empty = async () =>
  void (await db.run('TRUNCATE deliveries, arrivals, tasks, queues, findings, dead_letters, marks RESTART IDENTITY'));

// Whether a delivery is stored in time is no matter of these: the machine may have much to do.
const patienceMs = 30_000;
inboxSuite('PostgreSQL', async () => openInbox({ databaseUrl: url, database: db, graceMs: 0, patienceMs }), empty);
