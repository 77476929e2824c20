import { afterAll, afterEach, expect, test } from 'vitest';
import { openDatabase } from '../../src/storage/postgres/database.ts';
import { openSession } from '../../src/storage/postgres/session.ts';
import { freshDatabase, stopPostgres } from '../support/postgres.ts';
import { startRelay } from '../support/relay.ts';
import { startInstallation } from '../support/slipstream.ts';
import { until } from '../support/until.ts';

let opened = new AsyncDisposableStack();
afterEach(async () => {
  await opened.disposeAsync();
  opened = new AsyncDisposableStack();
});
afterAll(stopPostgres);

test('while the database is away people are told so, and who waits for its turn to tidy up goes on waiting', async () => {
  const { url } = await freshDatabase();
  const db = opened.adopt(openDatabase(url, { most: 1 }), (each) => each.close());
  const relay = opened.adopt(await startRelay(url), (each) => each.close());
  const other = opened.adopt(openSession(url), (each) => each.close());
  expect(await other.tryLock('work describe')).toBe(true);
  // Whoever tidies up finds that it is nobody's.
  await db.run("INSERT INTO loose_pictures (hash) VALUES ('00')");
  const left = async () => (await db.get<{ n: number }>('SELECT count(*) AS n FROM loose_pictures'))?.n;

  const lines: string[] = [];
  const env = { DATABASE_URL: relay.url, LOG_LEVEL: 'error' };
  const logTo = { write: (line: string) => void lines.push(line) };
  const { app } = opened.adopt(await startInstallation({ env, logTo }), (each) => each.close());
  relay.cut();
  const page = await fetch(app.url);
  expect([page.status, page.headers.get('retry-after')]).toEqual([503, '10']);
  expect(await page.text()).toContain('What is stored is safe.');
  const answer = await fetch(`${app.url}/api/v1/sync`, { headers: { authorization: `Bearer ${'a'.repeat(43)}` } });
  expect([answer.status, await answer.json()]).toMatchObject([503, { error: { code: 'storage_away' } }]);
  // Each second says something: it has asked for its turn meanwhile.
  await until(() => lines.length > 4, 30_000);
  relay.restore();
  expect(await left()).toBe(1);
  await other.release(['work describe']);
  await until(async () => (await left()) === 0, 30_000);
});
