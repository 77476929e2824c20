import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Context } from '../../src/cli/context.ts';
import { explain } from '../../src/cli/failure.ts';
import { moveFromSqlite } from '../../src/cli/move.ts';
import { type Environment, readConfig } from '../../src/config.ts';
import { assertSameKey, OtherKey } from '../../src/same-key.ts';
import { createSeal, secretKeysIn } from '../../src/seal.ts';
import type { LibraryPage } from '../../src/storage/library.ts';
import { createBoard } from '../../src/storage/memory/board.ts';
import { copyInstallation, type Moved } from '../../src/storage/move/copy.ts';
import { openInstallation } from '../../src/storage/move/installation.ts';
import { type Database as DatabaseOfPostgres, openDatabase } from '../../src/storage/postgres/database.ts';
import { openInbox } from '../../src/storage/postgres/inbox.ts';
import { migrate } from '../../src/storage/postgres/migrate.ts';
import { openMirrorForReading } from '../../src/storage/postgres/mirror.ts';
import { openSession } from '../../src/storage/postgres/session.ts';
import { hashOf } from '../../src/storage/sqlite/durable-file.ts';
import * as inboxInSqlite from '../../src/storage/sqlite/inbox.ts';
import { lockFolder } from '../../src/storage/sqlite/lock.ts';
import * as mirrorInSqlite from '../../src/storage/sqlite/mirror.ts';
import { createProgram, type Program, type Ran } from '../cli/program.ts';
import { answersOf, takeAll } from '../support/answers.ts';
import { liveIn, SEQUENCE, UNTAKEN } from '../support/lived-in.ts';
import { type FreshDatabase, freshDatabase, IN_THIS_DATABASE, stopPostgres } from '../support/postgres.ts';
import { createBrowser, startInstallation } from '../support/slipstream.ts';
import { until } from '../support/until.ts';

let original: string;
let program: Program;
beforeAll(async () => {
  original = mkdtempSync(join(tmpdir(), 'slipstream-lived-in-'));
  await liveIn(original);
  program = createProgram();
});
let dataDir: string;
let there: FreshDatabase;
/** Looks at it without being taken for a Slipstream. */
let looking: DatabaseOfPostgres;

async function emptyPlaces(): Promise<void> {
  dataDir = mkdtempSync(join(tmpdir(), 'slipstream-move-'));
  cpSync(original, dataDir, { recursive: true });
  if (there && (await count('accounts')) === 0) return;
  there = await freshDatabase();
  await looking?.close();
  looking = openDatabase(`${there.url}?application_name=test`, { most: 1 });
}

const forgetFolder = () => rmSync(dataDir, { recursive: true, force: true });

afterAll(async () => {
  await looking.close();
  program.close();
  await stopPostgres();
  rmSync(original, { recursive: true, force: true });
});

const where = (): Environment => ({ DATA_DIR: dataDir, DATABASE_URL: there.url });

/** The command without the start of a program: what it says, and what it notes. */
async function move(environment = where()): Promise<{ said: string; noted: string; labels: string[] }> {
  const heard = { said: '', noted: '', labels: [] as string[] };
  const context: Context = {
    ...{ environment, terminal: false, config: () => readConfig(environment) },
    say: (text) => {
      heard.said += `${text}\n`;
    },
    note: (text) => {
      heard.noted += `${text}\n`;
    },
    json: () => {},
    failed: () => {},
    progress: (label) => {
      heard.labels.push(label);
      return { update: () => {}, end: () => {} };
    },
  };
  await moveFromSqlite(context).catch((error) => context.note(explain(error, undefined)));
  return heard;
}

async function copy(): Promise<Moved> {
  const here = openInstallation(dataDir);
  try {
    return await copyInstallation(here, there.url, {}, () => {});
  } finally {
    here.close();
  }
}

const ask = <Row extends object>(sql: string): Promise<Row[]> => looking.all<Row>(sql);

const count = async (table: string): Promise<number> =>
  (await ask<{ n: number }>(`SELECT count(*) AS n FROM ${table}`))[0]?.n ?? -1;

function change(file: 'inbox' | 'mirror', sql: string): void {
  const db = new Database(join(dataDir, `${file}.db`));
  db.exec(sql);
  db.close();
}

function countsInSqlite(): Record<string, number> {
  const tables = ['inbox', 'mirror'].flatMap((file) => {
    const db = new Database(join(dataDir, `${file}.db`), { readonly: true });
    const names = db
      .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB 'sqlite_*'")
      .pluck()
      .all();
    const counts = names.map((name) => [
      name,
      db.prepare<[], number>(`SELECT count(*) FROM ${name}`).pluck().get() ?? 0,
    ]);
    db.close();
    return counts;
  });
  return Object.fromEntries(tables);
}

function withoutNul(answers: object): object {
  const text = JSON.stringify(answers);
  expect(text).toContain('\\u0000');
  return JSON.parse(text.replaceAll('\\u0000', '\uFFFD'));
}

const FILES = ['inbox.db', 'mirror.db', 'secret.key'];
const hashes = () => Promise.all(FILES.map((file) => hashOf(join(dataDir, file))));

describe('an installation in SQLite', () => {
  // One copy: the last tests work on it.
  let ran: Ran;
  let before: string[];
  beforeAll(async () => {
    await emptyPlaces();
    before = await hashes();
    ran = await program.run(['migrate', '--from', 'sqlite', '--json'], where());
  });
  afterAll(forgetFolder);

  test('is copied whole, said so by table, and not changed', async () => {
    expect({ code: ran.code, stderr: ran.stderr }).toEqual({ code: 0, stderr: '' });
    expect(await hashes()).toEqual(before);
    const answer = JSON.parse(ran.stdout) as { tables: { name: string; rows: number; sha256: string }[] };
    expect(answer).toMatchObject({ photos: { files: 1, missing: 0 }, texts_with_nul: 1, unopenable: 0 });
    expect(ran.stdout).not.toContain(new URL(there.url).password);

    const inSqlite = countsInSqlite();
    for (const { name, rows } of answer.tables) {
      expect({ name, rows: await count(name) }).toEqual({ name, rows });
      // Else nothing was tried of it.
      expect({ name, rows }).not.toEqual({ name, rows: 0 });
      if (!['arrivals', 'marks'].includes(name)) expect({ name, rows }).toEqual({ name, rows: inSqlite[name] });
    }
    expect(await count('arrivals')).toBe(UNTAKEN);
    expect(await count('search')).toBe(inSqlite.search);
  });

  test('is not copied into what holds data, nor is that taken for half a copy', async () => {
    const { said, noted } = await move();
    expect(said).toBe('');
    expect(noted).toMatch(/holds data already \(3 in accounts, .*it is whole/);
  });

  test('is followed by processes with the same key, and by no other', async () => {
    const [word] = await ask<{ value: string }>("SELECT value FROM board WHERE name = 'key'");
    const board = createBoard();
    await board.put('key', JSON.parse(word?.value ?? ''));
    const never = () => expect.unreachable();
    await assertSameKey(board, createSeal(secretKeysIn(dataDir)), never);
    await expect(assertSameKey(board, createSeal(['another-key-of-the-house']), never)).rejects.toThrow(OtherKey);
  });

  test('answers as before, whatever it is asked', async () => {
    const at = { databaseUrl: there.url };
    const here = { mirror: mirrorInSqlite.openMirrorForReading(dataDir), inbox: inboxInSqlite.openInbox(dataDir) };
    const moved = { mirror: openMirrorForReading(at), inbox: openInbox({ ...at, graceMs: 0 }) };
    expect(JSON.parse(JSON.stringify(await answersOf(moved)))).toEqual(withoutNul(await answersOf(here)));

    const untaken = await takeAll(here.inbox);
    expect(untaken).toHaveLength(UNTAKEN);
    expect(await takeAll(moved.inbox)).toEqual(untaken);
    const request = { room: 5, perAccount: 9, now: Date.parse('2026-07-01T00:00:00Z') };
    const claims = await moved.inbox.exchange([], request);
    expect(claims).toEqual(await here.inbox.exchange([], request));
    expect(claims.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5].map((n) => SEQUENCE + n));
    for (const { mirror, inbox } of [here, moved]) {
      await inbox.close();
      await mirror.close();
    }
  });

  test('goes on with ids that were never given out', async () => {
    const next = async (table: string) =>
      (await ask<{ n: number }>(`SELECT nextval(pg_get_serial_sequence('${table}', 'id')) AS n`))[0]?.n;
    // The fourth account was erased.
    expect(await next('accounts')).toBe(5);
    // And so was the fourth letter.
    expect(await next('dead_letters')).toBe(5);
    for (const table of ['items', 'bodies', 'deliveries', 'dead_letters', 'photos', 'fetches', 'tasks', 'runs']) {
      const [greatest] = await ask<{ n: number }>(`SELECT max(id) AS n FROM ${table}`);
      expect(await next(table), table).toBeGreaterThan(greatest?.n ?? 0);
    }
  });

  test('is listed anew by what is written from now on', async () => {
    const shown = () => ask("SELECT shown_version FROM accounts WHERE user_id = '1'");
    const versions = await shown();
    await ask("UPDATE items SET happened_at = '1999-01-01T00:00:00Z' WHERE item_id = '1'");
    const years = await ask("SELECT year FROM listed JOIN items ON items.id = item WHERE item_id = '1'");
    expect(years).toEqual([{ year: '1999' }]);
    expect(await shown()).not.toEqual(versions);
  });

  test('has what its dead letters are about for longer than their days', async () => {
    const inbox = openInbox({ databaseUrl: there.url });
    expect(await inbox.prune(Date.parse('2027-01-01T00:00:00Z'), 500)).toBeGreaterThan(0);
    const rider = { source: 'ridewithgps', account: '1' } as const;
    const bytes: string[] = [];
    for (const { id, kind } of await inbox.deadLetters(rider, true)) {
      const letter = kind === 'delivery' && (await inbox.replay(id, rider, true, 1));
      if (letter && letter.kind === 'read-again') bytes.push(letter.bytes.toString());
    }
    expect(bytes.toSorted()).toEqual(['[', '{']);
    await inbox.close();
  });
});

test('a Slipstream goes on in PostgreSQL where it was', async () => {
  await emptyPlaces();
  const here = await startInstallation({ env: { DATABASE_URL: '' } });
  let browser = await here.connect();
  const library = () => browser.json<LibraryPage>('/api/v1/trips');
  const was = await library();
  await here.app.close();
  here.environment.DATABASE_URL = there.url;
  const { noted } = await move(here.environment);
  expect(noted).toBe('');
  await here.restart();
  try {
    // With the same session, at another port.
    const { cookies } = browser;
    browser = createBrowser(here.app.url);
    for (const [name, value] of cookies) browser.cookies.set(name, value);
    expect(await library()).toEqual(was);
    const [trip] = here.sandbox.world.items(1, 'trip');
    here.sandbox.world.edit('trip', trip?.id ?? 0, { name: 'Ridden in PostgreSQL' });
    await here.settled();
    expect((await library()).items.map(({ name }) => name)).toContain('Ridden in PostgreSQL');
  } finally {
    await here.close();
    forgetFolder();
  }
});

describe('a copy that was cut off', () => {
  beforeAll(emptyPlaces);
  afterAll(forgetFolder);

  test('leaves nothing behind, is not taken for a whole one meanwhile, and is begun again', async () => {
    // The copy stops at this table, with most of the others written.
    const running = await looking.transaction(async (tx) => {
      await tx.run('LOCK TABLE runs IN SHARE MODE');
      const cutOff = program.start(['migrate', '--from', 'sqlite'], where());
      const waits = `SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'runs'::regclass AND ${IN_THIS_DATABASE}`;
      // A program is started first.
      await until(async () => (await tx.all(waits)).length > 0, 30_000);
      await expect(migrate(there.url)).rejects.toThrow('is being copied');
      expect((await move()).noted).toMatch(/at work on DATA_DIR/);
      cutOff.signal('SIGKILL');
      return cutOff;
    });
    expect((await running.ended).code).toBe('SIGKILL');
    const held = `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND ${IN_THIS_DATABASE}`;
    await until(async () => (await ask(held)).length === 0, 30_000);
    for (const table of ['accounts', 'items', 'bodies', 'board']) expect(await count(table)).toBe(0);
    await migrate(there.url);

    // As if a process with another key had been started on it by mistake.
    await ask("INSERT INTO board VALUES ('key', '\"word\"')");
    await ask("INSERT INTO marks VALUES ('probed', 1)");
    rmSync(join(dataDir, 'photos'), { recursive: true });
    const { said, noted, labels } = await move();
    expect(said).toMatch(/^items +\d+ +[0-9a-f]{16}…$/m);
    expect(said).toMatch(/Copied and compared: \d+ rows and 0 photos/);
    expect(said).toMatch(/Put DATABASE_URL .*\n.*secret\.key still opens the tokens/);
    expect(noted).toMatch(/left out: 1 photo\..*\n.*NUL.*: 1 text\./);
    expect(labels).toEqual(['Copying', 'Copying photos', 'Comparing']);
  });
});

describe('what is not what it was', () => {
  beforeEach(emptyPlaces);
  afterEach(async () => {
    await ask('DROP FUNCTION IF EXISTS turn CASCADE');
    forgetFolder();
  });
  const nothingThere = async () => expect(await count('accounts')).toBe(0);

  test('a byte of a body that the disk has turned', async () => {
    change(
      'mirror',
      "UPDATE bodies SET zstd = CAST(substr(zstd, 1, 40) || x'ff' || substr(zstd, 42) AS BLOB) WHERE id = 3",
    );
    await expect(copy()).rejects.toThrow(/mirror.db is damaged: what is stored of routes\/3/);
    await nothingThere();
  });

  test('a body that is another than it says, however whole its bytes are', async () => {
    change('mirror', 'UPDATE bodies SET zstd = (SELECT zstd FROM bodies WHERE id = 4) WHERE id = 3');
    await expect(copy()).rejects.toThrow(/mirror.db is damaged/);
    await nothingThere();
  });

  test.each([
    ['a byte that was turned on the way', 'bodies', 'new.zstd := set_byte(new.zstd, 9, get_byte(new.zstd, 9) # 1)'],
    ['a last digit that was', 'kinds', 'UPDATE rides SET distance = distance * (1 + 2e-16)', 'rides'],
    ['a text that was', 'fetches', "new.detail := new.detail || ' '"],
    ['a value that is not there', 'tasks', 'new.webhook_first := NULL'],
    ['a row that did not arrive', 'revisions', 'new := NULL'],
    ['a photo', 'picture_bytes', "new.bytes := new.bytes || ''::bytea || '\\x00'::bytea"],
  ])('%s is noticed, and nothing is kept', async (_, table, fault, named = table) => {
    await ask(`CREATE FUNCTION turn() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${fault}; RETURN new; END $$`);
    await ask(`CREATE TRIGGER turn BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION turn()`);
    await expect(copy()).rejects.toThrow(table === 'picture_bytes' ? /photo/ : `not what was copied: ${named}`);
    await nothingThere();
  });
});

describe('refused', () => {
  beforeEach(emptyPlaces);
  afterEach(forgetFolder);

  test('while a Slipstream runs on the folder', async () => {
    const unlock = lockFolder(dataDir);
    const { said, noted } = await move();
    unlock();
    expect(said).toBe('');
    expect(noted).toMatch(/Another Slipstream is at work on DATA_DIR/);
  });

  test('while one runs on the database', async () => {
    const other = openSession(there.url);
    await other.release(['nothing']);
    await expect(copy()).rejects.toThrow('A Slipstream is at work on the database');
    await other.close();
  });

  test('without the key, which is not made anew', async () => {
    rmSync(join(dataDir, 'secret.key'));
    expect((await move()).noted).toMatch(/Put secret.key back/);
    expect(existsSync(join(dataDir, 'secret.key'))).toBe(false);
    const wrong = await move({ ...where(), SECRET_KEY: 'another-key-of-the-house' });
    expect(wrong.noted).toMatch(/Set SECRET_KEY to what it was/);
    expect(await count('accounts')).toBe(0);
  });

  test('when a migration has made something that would be left behind', async () => {
    change('mirror', "ALTER TABLE rides ADD COLUMN mood TEXT NOT NULL DEFAULT ''");
    await expect(copy()).rejects.toThrow('columns of rides: mood');
    change('mirror', 'ALTER TABLE rides DROP COLUMN mood; CREATE TABLE moods (id INTEGER PRIMARY KEY)');
    await expect(copy()).rejects.toThrow('tables of SQLite: moods');
    change('mirror', 'DROP TABLE moods');
    await ask('CREATE TABLE moods (id int)');
    await expect(copy()).rejects.toThrow('tables of PostgreSQL: moods');
    await ask('DROP TABLE moods');
    await ask('ALTER TABLE tasks ADD COLUMN mood text');
    await expect(copy()).rejects.toThrow('columns of tasks: no mood');
    await ask('ALTER TABLE tasks DROP COLUMN mood');
  });

  test('with a sentence, where there is nothing to copy or nowhere to copy it to', async () => {
    const said = async (environment: Environment) => (await move(environment)).noted;
    expect(await said({ DATA_DIR: dataDir })).toMatch(/^DATABASE_URL is not set/);
    expect(await said({ ...where(), DATA_DIR: join(dataDir, 'none') })).toMatch(/^There is no library in DATA_DIR/);
    const closed = 'postgres://me:hush@127.0.0.1:1/slipstream';
    expect(await said({ ...where(), DATABASE_URL: closed })).toMatch(/^Nobody listens where DATABASE_URL points/);
    const wrong = Object.assign(new URL(there.url), { password: 'hush' }).href;
    expect(await said({ ...where(), DATABASE_URL: wrong })).toMatch(/^PostgreSQL refuses the user or the password/);
    const none = Object.assign(new URL(there.url), { pathname: '/none' }).href;
    expect(await said({ ...where(), DATABASE_URL: none })).toMatch(
      /^The database that DATABASE_URL names does not exist/,
    );
    const latin = `latin_${there.url.split('_').pop()}`;
    await ask(`CREATE DATABASE ${latin} TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'`);
    const other = Object.assign(new URL(there.url), { pathname: `/${latin}` }).href;
    expect(await said({ ...where(), DATABASE_URL: other })).toMatch(
      /^The database in DATABASE_URL keeps text as LATIN1/,
    );
    await ask(`DROP DATABASE ${latin}`);
    change('mirror', 'PRAGMA user_version = 16');
    expect(await said(where())).toMatch(/earlier Slipstream.*Run "slipstream migrate"/);
  });
});
