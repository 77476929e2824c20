import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeStored } from '../src/describe-stored.ts';
import { createSources } from '../src/sources/index.ts';
import { DESCRIPTION } from '../src/storage/items.ts';
import { openMirrorForWriting } from '../src/storage/sqlite/mirror.ts';
import { type Installation, startInstallation } from './support/slipstream.ts';
import { until } from './support/until.ts';

let here: Installation;
beforeEach(async () => {
  here = await startInstallation({ riders: [{ id: 1, name: 'Robin Field', routes: 3, trips: 21, points: 40 }] });
  await here.connect();
});
afterEach(() => here.close());

const page = async (over: object = {}) => {
  const [account] = await here.app.accounts.list();
  return here.app.library.list(account?.id ?? 0, { types: ['route', 'trip'], page: 1, pageSize: 200, ...over });
};

function change(sql: string): void {
  const db = new Database(join(here.dataDir, 'mirror.db'));
  db.exec(sql);
  db.close();
}

const FORGET = `UPDATE rides SET gear_id = '', gear_name = '', calories = NULL, country = '', name_key = '', described = 0`;
/** The file as an earlier version of the program left it: its tables, and of the rows what they have room for. */
function takeBack(version: number): void {
  const files = ['', '-wal', '-shm'].map((end) => join(here.dataDir, `mirror.db${end}`));
  const old = new Database(join(here.dataDir, 'old.db'));
  old.pragma('foreign_keys = 0');
  for (const name of readdirSync(MIGRATIONS).sort()) {
    const sql = readFileSync(new URL(name, MIGRATIONS), 'utf8');
    if (Number(name.slice(0, 4)) <= version && sql.startsWith('-- database: mirror')) old.exec(sql);
  }
  old.pragma(`user_version = ${version}`);
  old.prepare('ATTACH ? AS newer').run(files[0]);
  for (const { name } of old
    .prepare<[], { name: string }>("SELECT name FROM main.sqlite_schema WHERE type = 'table'")
    .all()) {
    const columns = old.prepare<[], { name: string }>(`PRAGMA main.table_info(${name})`).all();
    const names = columns.map((column) => column.name).join(', ');
    old.exec(`DELETE FROM main.${name}; INSERT INTO main.${name} (${names}) SELECT ${names} FROM newer.${name}`);
  }
  old.close();
  for (const file of files) rmSync(file, { force: true });
  renameSync(join(here.dataDir, 'old.db'), join(here.dataDir, 'mirror.db'));
}

const MIGRATIONS = new URL('../migrations/sqlite/', import.meta.url);
const BEFORE_SEARCH = 5;

test('a library of the version before is found and sorted at once, and what its bodies say more is read by and by', async () => {
  const before = await page({ sort: 'name' });
  expect(before.items).toHaveLength(24);
  expect(before.facets.gear.length).toBeGreaterThan(1);
  await here.app.photoCopier.settled();
  const photos = await here.app.photos.count();
  expect(photos).toMatchObject({ waiting: 0, failed: 0 });
  expect(photos.copied).toBeGreaterThan(3);
  await here.app.close();
  takeBack(BEFORE_SEARCH);
  await here.restart();
  expect(existsSync(join(here.dataDir, 'mirror.version-5.db'))).toBe(true);
  expect((await page()).totals).toEqual(before.totals);
  await until(async () => JSON.stringify(await page({ sort: 'name' })) === JSON.stringify(before), 20_000);
  // Nobody has named them since then but the bodies.
  await until(async () => JSON.stringify(await here.app.photos.count()) === JSON.stringify(photos), 20_000);
});

test('it goes on where it was cut off, and what cannot be read keeps what it has', async () => {
  const whole = await page();
  await here.app.close();
  change(
    `${FORGET}; UPDATE bodies SET zstd = x'00' WHERE id = (SELECT body_id FROM items WHERE item_id = '${whole.items[0]?.id}')`,
  );
  const mirror = openMirrorForWriting(here.dataDir);
  const sources = createSources(here.app.config, { subKeys: () => [] });
  const parts = { sources, writer: mirror.itemWriter, library: mirror.library, now: Date.now };
  try {
    const first = await describeStored(parts);
    expect(first.items).toBeGreaterThan(0);
    const left = (await mirror.itemWriter.describedBefore(100)).length;
    expect(left).toBe(24 - first.items);
    const failures = [...first.failures];
    for (let items = first.items; items > 0; ) {
      const slice = await describeStored(parts);
      failures.push(...slice.failures);
      items = slice.items;
    }
    expect(await mirror.itemWriter.describedBefore(100)).toEqual([]);
    expect(failures).toHaveLength(1);
    expect(failures[0]).toContain(whole.items[0]?.id);
    const [account] = await mirror.accounts.list();
    const now = await mirror.library.list(account?.id ?? 0, { types: ['route', 'trip'], page: 1, pageSize: 200 });
    expect(now.items.slice(1)).toEqual(whole.items.slice(1));
    expect(now.items[0]).toEqual({ ...whole.items[0], gear_id: '', gear_name: '', calories: null });
  } finally {
    await mirror.close();
    for (const source of sources.values()) await source.close();
  }
});

test('what the storage did not hand out is read another time, and not taken for what cannot be read', async () => {
  await here.app.close();
  change(FORGET);
  const mirror = openMirrorForWriting(here.dataDir);
  const sources = createSources(here.app.config, { subKeys: () => [] });
  let bodies = 0;
  const library = {
    body: async (...which: Parameters<typeof mirror.library.body>) => {
      bodies += 1;
      if (bodies === 3) throw Object.assign(new Error('The connection is lost.'), { code: 'POSTGRES_CONNECTION' });
      return mirror.library.body(...which);
    },
  };
  const parts = { sources, writer: mirror.itemWriter, library, now: Date.now };
  try {
    await expect(describeStored(parts)).rejects.toThrow('The connection is lost.');
    expect(await mirror.itemWriter.describedBefore(100)).toHaveLength(24);
    expect(await describeStored(parts)).toMatchObject({ failures: [] });
  } finally {
    await mirror.close();
    for (const source of sources.values()) await source.close();
  }
});

test('a newer body that comes meanwhile is not described by the older one', async () => {
  const [item] = (await page()).items;
  await here.app.close();
  change(FORGET);
  const mirror = openMirrorForWriting(here.dataDir);
  const [old] = await mirror.itemWriter.describedBefore(1);
  expect(old).toBeDefined();
  change(`UPDATE rides SET gear_name = 'newer', described = ${DESCRIPTION} WHERE item = ${old?.item}`);
  const description = {
    version: '',
    owned: true,
    title: '',
    happenedAt: '',
    ride: item ?? expect.fail(),
    record: null,
    photos: [],
    outline: null,
  };
  await mirror.itemWriter.transaction((items) => items.describeAnew(old?.item ?? 0, description, 0));
  const row = (
    await mirror.library.find(old?.accountId ?? 0, old?.key.type === 'route' ? 'route' : 'trip', old?.key.id ?? '')
  )?.gear_name;
  await mirror.close();
  expect(row).toBe('newer');
});
