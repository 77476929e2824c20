import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FILES, type Manifest } from '../src/storage/backup.ts';
import { hashOf } from '../src/storage/sqlite/durable-file.ts';
import { command } from './cli/in-process.ts';
import { createProgram, type Program, type Ran } from './cli/program.ts';
import { differences } from './histories/agreement.ts';
import { createBrowser, type Installation, startInstallation } from './support/slipstream.ts';
import { until } from './support/until.ts';

let here: Installation;
let program: Program;
let folder: string;
beforeEach(async () => {
  program = createProgram();
  folder = mkdtempSync(join(tmpdir(), 'slipstream-backup-'));
  here = await startInstallation({ env: { SIGNUP: 'open' } });
});
afterEach(async () => {
  program.close();
  await here.close();
  rmSync(folder, { recursive: true, force: true });
});

/** As somebody would type it. */
const typed = (...args: string[]): Promise<Ran> => program.run(args, here.environment);
/** The same without a program of its own, which takes longer to start than what it does here. */
const slipstream = (...args: string[]): Promise<Ran> => command(args, here.environment);
const inFolder = (name: string): string => join(folder, name);
const trips = () => here.sandbox.world.items(1, 'trip');

async function backUp(name: string, how = slipstream): Promise<string> {
  const { code, stderr } = await how('backup', inFolder(name));
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return inFolder(name);
}

/** As if `mixed` had been begun when `before` was: with its cursors, and one of its files. */
async function copyInto(mixed: string, before: string, early: (typeof FILES)[number]): Promise<void> {
  cpSync(join(before, early), join(mixed, early));
  const manifest = JSON.parse(readFileSync(join(before, 'backup.json'), 'utf8')) as Manifest;
  for (const file of FILES) manifest.files[file].sha256 = await hashOf(join(mixed, file));
  writeFileSync(join(mixed, 'backup.json'), JSON.stringify(manifest));
}

/** With Slipstream stopped, and started again afterwards. */
async function restore(from: string, before = () => {}, how = slipstream): Promise<Ran> {
  await here.app.close();
  before();
  const ran = await how('restore', from);
  await here.restart();
  return ran;
}

/** What the schedule does by itself, and what the provider has that is not here then. */
async function caughtUp(): Promise<string[]> {
  await here.app.reconciler.all();
  await here.settled();
  await here.app.auditor.all();
  await here.settled();
  return differences({ sandbox: here.sandbox, mirror: here.app }, 1);
}

describe('a backup', () => {
  test('made while webhooks keep coming is whole, and what happened since is found after restoring it', async () => {
    await here.connect();
    let going = true;
    const rush = (async () => {
      for (let n = 0; going; n += 1) {
        const item = trips()[n % trips().length];
        if (item) here.sandbox.world.edit('trip', item.id, { name: `Rush ${n}` });
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    })();
    const made = await backUp('made', typed);
    going = false;
    await rush;
    await here.settled();

    const [first, second] = trips();
    here.sandbox.world.edit('trip', first?.id ?? 0, { name: 'After the backup' });
    here.sandbox.world.remove('trip', second?.id ?? 0);
    await here.settled();

    const ran = await restore(made, undefined, typed);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toMatch(/Restored 1 account as of 20.*\nWhat was here before is in .*before-restore/);
    expect(await caughtUp()).toEqual([]);
    expect(await here.app.library.find(1, 'trip', String(second?.id))).toMatchObject({ state: 'deleted' });
  });

  test('keeps what waited: a change that was not fetched yet needs no reconciliation', async () => {
    await here.connect();
    const [item] = trips();
    const { arrived, release } = here.sandbox.faults.hold(`trip/${item?.id}`);
    here.sandbox.world.edit('trip', item?.id ?? 0, { name: 'Waited' });
    await arrived;
    const made = await backUp('made');
    release();
    await here.settled();
    await restore(made);
    await here.settled();
    expect(await here.app.library.find(1, 'trip', String(item?.id))).toMatchObject({ name: 'Waited' });
  });

  // The two files are copied one after the other: what is done in between is in neither, when the mirror was the first.
  test.each([
    ['mirror.db', 'inbox.db'],
    ['inbox.db', 'mirror.db'],
  ] as const)('loses nothing, whichever was copied first: %s', async (early, late) => {
    await here.connect();
    const [item] = trips();
    const { arrived, release } = here.sandbox.faults.hold(`trip/${item?.id}`);
    here.sandbox.world.edit('trip', item?.id ?? 0, { name: 'In between' });
    await arrived;
    const before = await backUp('before');
    release();
    await here.settled();
    const mixed = await backUp('mixed');
    await copyInto(mixed, before, early);
    expect(existsSync(join(mixed, late))).toBe(true);
    expect((await restore(mixed)).code).toBe(0);
    expect(await caughtUp()).toEqual([]);
  });

  test('whose inbox was copied a moment before the mirror is not taken for one that lost it', async () => {
    await here.connect();
    const before = await backUp('before');
    const [item] = trips();
    here.sandbox.faults.set({ statusItems: { [`trip/${item?.id}`]: 403 } });
    here.sandbox.world.edit('trip', item?.id ?? 0, { name: 'Refused in between' });
    await here.settled();
    here.sandbox.faults.clear();
    const mixed = await backUp('mixed');
    await copyInto(mixed, before, 'inbox.db');
    expect((await restore(mixed)).code).toBe(0);
    expect((await here.app.accounts.list())[0]?.cursor).not.toBeNull();
  });

  test('signs everybody out, and leaves the key where it is', async () => {
    const browser = await here.connect();
    const made = await backUp('made');
    expect(
      readdirSync(made)
        .filter((name) => name !== 'photos')
        .sort(),
    ).toEqual(['backup.json', 'inbox.db', 'mirror.db']);
    await restore(made);
    const again = createBrowser(here.app.url);
    for (const [name, value] of browser.cookies) again.cookies.set(name, value);
    expect((await again.get('/library')).headers.get('location')).toBe('/');
    expect((await here.app.accounts.list())[0]).toMatchObject({ state: 'active' });
  });

  test('without the key asks every account to reconnect, and reconnecting takes up everything', async () => {
    await here.connect();
    const made = await backUp('made');
    const { stderr } = await restore(made, () => rmSync(join(here.dataDir, 'secret.key')));
    expect(stderr).toMatch(/secret\.key is not here[^\n]*connect again/);
    await here.app.reconciler.all();
    await until(async () => (await here.app.accounts.list())[0]?.state === 'reconnect', 30_000);
    await here.connect();
    expect((await here.app.accounts.list())[0]).toMatchObject({ state: 'active' });
    expect(await caughtUp()).toEqual([]);
  });

  test('goes into a new folder only', async () => {
    await here.connect();
    await backUp('made');
    const { code, stderr } = await slipstream('backup', inFolder('made'));
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringMatching(/is there already/) });
  });
});

describe('photos', () => {
  test('are in a backup, and put back from it; a damaged one is left out and copied again', async () => {
    const photos = [
      { id: 1, url: '/photos/11/large.png' },
      { id: 2, url: '/photos/12/large.png' },
    ];
    const [kept] = trips();
    here.sandbox.world.edit('trip', kept?.id ?? 0, { photos });
    await here.connect();
    await here.app.photoCopier.settled();
    const stored = () => here.app.photos.of({ accountId: 1, type: 'trip', id: String(kept?.id) });
    const before = await stored();
    expect(before).toMatchObject([{ state: 'copied' }, { state: 'copied' }]);
    const paths = before.flatMap((photo) => {
      const hash = photo.state === 'copied' ? photo.picture.hash : '';
      return [join('photos', hash.slice(0, 2), hash)];
    });
    const made = await backUp('made');
    const bytes = paths.map((path) => readFileSync(join(made, path)));
    const manifest = JSON.parse(readFileSync(join(made, 'backup.json'), 'utf8')) as Manifest;
    expect(manifest.photos?.files).toBeGreaterThanOrEqual(2);

    writeFileSync(join(made, paths[1] ?? ''), 'damaged');
    const ran = await restore(made, () => rmSync(join(here.dataDir, 'photos'), { recursive: true }));
    expect(ran.stderr).toMatch(/^1 photos of the backup were missing or damaged/);
    expect(readFileSync(join(here.dataDir, paths[0] ?? ''))).toEqual(bytes[0]);
    await until(() => existsSync(join(here.dataDir, paths[1] ?? '')), 20_000);
    await here.app.photoCopier.settled();
    expect(readFileSync(join(here.dataDir, paths[1] ?? ''))).toEqual(bytes[1]);
    expect(await stored()).toEqual(before);
  });

  test('of before a restore are kept beside it, with the databases', async () => {
    await here.connect();
    const made = await backUp('made');
    here.sandbox.world.edit('trip', trips()[0]?.id ?? 0, { photos: [{ id: 3, url: '/photos/13/large.png' }] });
    await here.settled();
    await here.app.photoCopier.settled();
    const pictures = () => readdirSync(join(here.dataDir, 'photos'), { recursive: true, encoding: 'utf8' }).sort();
    const later = pictures();
    await restore(made);
    const [aside = ''] = readdirSync(here.dataDir).filter((name) => name.startsWith('before-restore'));
    expect(readdirSync(join(here.dataDir, aside, 'photos'), { recursive: true, encoding: 'utf8' }).sort()).toEqual(
      later,
    );
  });
});

describe('restore refuses', () => {
  /** Tries, and sees that nothing of what is here has changed. */
  async function refused(from: string): Promise<string> {
    await here.app.close();
    const before = await Promise.all(FILES.map((file) => hashOf(join(here.dataDir, file))));
    const { code, stderr } = await slipstream('restore', from);
    expect(code).toBe(1);
    expect(await Promise.all(FILES.map((file) => hashOf(join(here.dataDir, file))))).toEqual(before);
    await here.restart();
    return stderr;
  }

  async function changed(change: (manifest: Manifest, made: string) => void): Promise<string> {
    const made = await backUp('made');
    const manifest = JSON.parse(readFileSync(join(made, 'backup.json'), 'utf8')) as Manifest;
    change(manifest, made);
    writeFileSync(join(made, 'backup.json'), JSON.stringify(manifest));
    return refused(made);
  }

  test('a folder that is no backup, or one that was cut off', async () => {
    expect(await refused(folder)).toMatch(/is no backup of Slipstream, or one that was cut off.*Nothing was changed/);
  });

  test('one of a newer Slipstream', async () => {
    const stderr = await changed(({ files }) => {
      files['mirror.db'].version = 9_999;
    });
    expect(stderr).toMatch(/made by a newer Slipstream.*9999.*Nothing was changed/);
  });

  test('one with a changed byte', async () => {
    const stderr = await changed((_manifest, made) => {
      const bytes = readFileSync(join(made, 'mirror.db'));
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
      writeFileSync(join(made, 'mirror.db'), bytes);
    });
    expect(stderr).toMatch(/SHA-256 differs/);
  });

  test('one with a missing file', async () => {
    expect(await changed((_manifest, made) => rmSync(join(made, 'inbox.db')))).toMatch(/inbox\.db is missing/);
  });

  test('while Slipstream runs', async () => {
    const made = await backUp('made');
    const { code, stderr } = await typed('restore', made);
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringMatching(/at work on DATA_DIR/) });
  });
});

test('a restore that was cut off is said at the next start, and done by restoring again', async () => {
  await here.connect();
  const made = await backUp('made');
  await here.app.close();
  writeFileSync(join(here.dataDir, 'restore-in-progress'), made);
  await expect(here.restart()).rejects.toThrow(/A restore into .* was cut off/);
  expect((await slipstream('restore', made)).code).toBe(0);
  await here.restart();
  expect(await caughtUp()).toEqual([]);
});

describe('losing one file', () => {
  const lose = (name: 'inbox' | 'mirror') => {
    for (const suffix of ['', '-wal', '-shm']) rmSync(join(here.dataDir, `${name}.db${suffix}`), { force: true });
  };

  test('inbox.db: what waited in it is found again', async () => {
    await here.connect();
    const [edited, hidden] = trips();
    const { arrived } = here.sandbox.faults.hold(`trip/${edited?.id}`);
    here.sandbox.world.edit('trip', edited?.id ?? 0, { name: 'Waited in the inbox' });
    here.sandbox.world.edit('trip', hidden?.id ?? 0, { name: 'No webhook told' }, { silent: true });
    await arrived;
    // The cursor is beyond the change, so that only the lost task knew of it.
    await here.app.reconciler.all();
    await here.app.close();
    lose('inbox');
    here.sandbox.faults.clear();
    await here.restart();
    expect((await here.app.accounts.list())[0]).toMatchObject({ cursor: null, lastAudit: null });
    expect(await caughtUp()).toEqual([]);
    expect(await here.app.library.find(1, 'trip', String(edited?.id))).toMatchObject({ name: 'Waited in the inbox' });
  });

  test('inbox.db put back from an earlier time is noticed too, and one that was not lost is left alone', async () => {
    await here.connect();
    await here.app.close();
    cpSync(join(here.dataDir, 'inbox.db'), inFolder('inbox.db'));
    await here.restart();
    const [account] = await here.app.accounts.list();
    expect(account?.cursor).not.toBeNull();
    here.sandbox.world.edit('trip', trips()[0]?.id ?? 0, { name: 'Later' });
    await here.settled();
    await here.app.close();
    lose('inbox');
    cpSync(inFolder('inbox.db'), join(here.dataDir, 'inbox.db'));
    await here.restart();
    expect((await here.app.accounts.list())[0]).toMatchObject({ cursor: null });
    expect(await caughtUp()).toEqual([]);
  });

  test('mirror.db: connecting copies everything afresh', async () => {
    await here.connect();
    await here.app.close();
    lose('mirror');
    await here.restart();
    await here.connect();
    expect(await caughtUp()).toEqual([]);
  });
});

describe('a migration', () => {
  /** As version 1 left it. */
  function oldInbox(dataDir: string, more = ''): void {
    for (const suffix of ['', '-wal', '-shm']) rmSync(join(dataDir, `inbox.db${suffix}`), { force: true });
    const db = new Database(join(dataDir, 'inbox.db'));
    db.exec(readFileSync(join(import.meta.dirname, '../migrations/sqlite/0001_inbox.sql'), 'utf8'));
    db.exec(`INSERT INTO marks VALUES ('kept', 7); ${more}`);
    db.pragma('user_version = 1');
    db.close();
  }

  const read = (file: string) => {
    const db = new Database(join(here.dataDir, file), { readonly: true });
    const kept = db.prepare("SELECT value FROM marks WHERE name = 'kept'").pluck().get();
    const version = db.pragma('user_version', { simple: true });
    db.close();
    return { kept, version };
  };

  test('copies what was there first, and keeps it', async () => {
    await here.app.close();
    oldInbox(here.dataDir);
    await here.restart();
    expect(read('inbox.version-1.db')).toEqual({ kept: 7, version: 1 });
    expect(read('inbox.db')).toMatchObject({ kept: 7 });
    expect(read('inbox.db').version).toBeGreaterThan(1);
  });

  test('that fails leaves everything as it was', async () => {
    await here.app.close();
    oldInbox(here.dataDir, 'ALTER TABLE deliveries ADD COLUMN sealed INTEGER;');
    await expect(here.restart()).rejects.toThrow(/sealed/);
    expect(read('inbox.db')).toEqual({ kept: 7, version: 1 });
    // So that there is something to close.
    for (const suffix of ['', '-wal', '-shm']) rmSync(join(here.dataDir, `inbox.db${suffix}`), { force: true });
    await here.restart();
  });
});
