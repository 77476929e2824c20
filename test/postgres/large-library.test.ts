import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LibraryItem } from '../../src/storage/library.ts';
import type { MirrorReader } from '../../src/storage/mirror.ts';
import { type Database, openDatabase, type Queries, type Values } from '../../src/storage/postgres/database.ts';
import { createItems } from '../../src/storage/postgres/items.ts';
import { createLibrary } from '../../src/storage/postgres/library.ts';
import { createLines } from '../../src/storage/postgres/lines.ts';
import * as postgres from '../../src/storage/postgres/mirror.ts';
import { createRecords } from '../../src/storage/postgres/records.ts';
import { searchWords } from '../../src/storage/postgres/search-words.ts';
import { createRiddenReader } from '../../src/storage/postgres/statistics.ts';
import * as sqlite from '../../src/storage/sqlite/mirror.ts';
import { readView, viewQuery } from '../../src/web/library-view.ts';
import { writeLargeLibrary } from '../support/large-library.ts';
import { freshDatabase, stopPostgres } from '../support/postgres.ts';

const ITEMS = 3_000;
const SLICE = 1_500;
/** Of eight kilobytes, of the table, its indexes and what is found. A look at each item by itself would be three each. */
const MOST_PAGES = ITEMS / 2;

/** Written in a second or two, where nothing else is done at the same time. */
const PATIENCE_MS = 180_000;

let dataDir: string;
let db: Database;
let here: MirrorReader;
let there: MirrorReader;
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'slipstream-'));
  writeLargeLibrary(dataDir, ITEMS);
  const { url } = await freshDatabase();
  db = openDatabase(url, { most: 1 });
  await copyLibrary(dataDir);
  here = postgres.openMirrorForReading({ databaseUrl: url });
  there = sqlite.openMirrorForReading(dataDir);
}, PATIENCE_MS);
afterAll(async () => {
  await here.close();
  await there.close();
  await db.close();
  rmSync(dataDir, { recursive: true });
  await stopPostgres();
});

/** What is in the files as rows, as the triggers see it. */
async function copyLibrary(folder: string): Promise<void> {
  const file = new SQLite(join(folder, 'mirror.db'), { readonly: true });
  await db.run(`INSERT INTO accounts (id, source, user_id, name, client, token_kind, connected_at)
    VALUES (1, 'ridewithgps', '1', '', '', 'bearer', 0)`);
  await db.run(`INSERT INTO bodies (id, hash, bytes, zstd) VALUES (1, '', 0, '')`);
  for (const table of ['items', 'rides']) {
    const rows = file.prepare<[], Record<string, unknown>>(`SELECT * FROM ${table}`).all();
    const columns = Object.keys(rows[0] ?? {}).filter((name) => name !== 'state');
    for (let from = 0; from < rows.length; from += SLICE) {
      const slice = rows.slice(from, from + SLICE);
      // 0 and 1 are truths there.
      const json = JSON.stringify(
        table === 'items' ? slice.map((row) => ({ ...row, owned: true, pinned: false })) : slice,
      );
      await db.run(
        `INSERT INTO ${table} (${columns}) SELECT ${columns} FROM json_populate_recordset(null::${table}, @json::json)`,
        { json },
      );
    }
  }
  const texts = file.prepare<[], LibraryItem & { item: number; title: string; country: string }>(
    'SELECT item, title, description, locality, administrative_area, country, country_code FROM rides JOIN items ON items.id = item',
  );
  const words = texts
    .all()
    .map(({ item, title, description, locality, administrative_area, country, country_code }) => ({
      item,
      words: searchWords(1, [title, description, locality, administrative_area, country, country_code]),
    }));
  await db.run(
    `INSERT INTO search (item, words) SELECT item, array_to_tsvector(words)
    FROM json_to_recordset(@json::json) AS each (item bigint, words text[])`,
    { json: JSON.stringify(words) },
  );
  file.close();
  await db.run('VACUUM ANALYZE');
}

/** @returns pages that were read for all statements, wherever they were. */
async function pagesOf(work: (db: Database) => Promise<unknown>): Promise<number> {
  let pages = 0;
  const counted = (queries: Queries): Queries => {
    const all: Queries['all'] = async (sql, values) => {
      if (/^\s*(SELECT|WITH)/.test(sql)) {
        const [row] = await queries.all<{ 'QUERY PLAN': [{ Plan: Record<string, number> }] }>(
          `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${sql}`,
          values,
        );
        const { 'Shared Hit Blocks': hit = 0, 'Shared Read Blocks': read = 0 } = row?.['QUERY PLAN'][0].Plan ?? {};
        pages += hit + read;
      }
      return queries.all(sql, values);
    };
    return {
      ...queries,
      all,
      get: async <Row extends object>(sql: string, values?: Values) => (await all<Row>(sql, values))[0],
    };
  };
  await work({ ...db, ...counted(db), transaction: (run) => db.transaction((queries) => run(counted(queries))) });
  return pages;
}

test.each([
  '',
  'page=50',
  'show=trips&page=40',
  'q=vrsi',
  'q=valley+sun+hairpin',
  'sort=name&page=20',
  'sort=time&order=asc',
  'country=SI&gear=2&from=2020-01-01&min_km=20&max_km=120',
  'q=nothing-like-it',
])('a page of thousands of items is the same as in SQLite, and read at a glance: /library?%s', async (address) => {
  const query = viewQuery(readView(new URLSearchParams(address)));
  const [page, expected] = [await here.library.list(1, query), await there.library.list(1, query)];
  expect(page.items.map(({ id }) => id)).toEqual(expected.items.map(({ id }) => id));
  expect(page.facets).toEqual(expected.facets);
  expect(page.totals.count).toBe(expected.totals.count);
  expect(page.totals.climbing).toBeCloseTo(expected.totals.climbing, 3);
  expect(await pagesOf((counted) => createLibrary(counted).list(1, query))).toBeLessThan(MOST_PAGES);
});

test('all rides are summed up, drawn and listed as records at a glance', async () => {
  const filter = { types: ['trip' as const] };
  const reads = [
    await pagesOf((counted) => createRiddenReader(counted).ridden(1, { ...filter, owned: true })),
    await pagesOf((counted) => createLines(counted).shown(1, filter)),
    await pagesOf((counted) => createRecords(counted).list([1], { q: 'valley', page: 1, pageSize: 50 })),
  ];
  for (const pages of reads) expect(pages).toBeLessThan(MOST_PAGES);
});

test('the greatest number of a fetch is at one end, however many there were', async () => {
  await db.run(`INSERT INTO fetches (account_id, type, item_id, seq, origin, action, notifications, first_learnt_at, claimed_at, finished_at, outcome)
    SELECT 1, 'trip', n, n, 'webhook', 'updated', 1, 0, 0, 0, 'updated' FROM generate_series(1, 20000) AS n`);
  await db.run('ANALYZE fetches');
  expect(await pagesOf((counted) => createItems(counted).greatestSeq())).toBeLessThan(10);
  expect(await createItems(db).greatestSeq()).toBe(20_000);
});
