import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSeal, newSecret, type Seal, secretKeysIn } from '../../src/seal.ts';
import { type Installation, startInstallation, webhookUrl } from '../support/slipstream.ts';
import { until } from '../support/until.ts';
import { bodyOf, deliver, notification } from '../support/webhook.ts';
import { command } from './in-process.ts';
import { createProgram, type Program, type Ran } from './program.ts';

const [FORMER, FRESH] = ['the-former-secret-key-1', 'the-fresh-secret-key-22'] as const;
/** Whoever sealed something is one of these: the account, or a delivery, which speaks of several. */
const SHOP = { source: 'tradegecko', account: '7067' } as const;
const OWNERS = [...['1', ''].map((account) => ({ source: 'ridewithgps', account }) as const), SHOP];

let here: Installation;
let program: Program;
beforeEach(() => {
  program = createProgram();
});
afterEach(async () => {
  program.close();
  await here.close();
});

/** Without a program of its own; one that is killed, and one that another is in the way of, have one. */
const rotate = (environment: Record<string, string> = {}): Promise<Ran> =>
  command(['rotate-key', '--json'], { DATA_DIR: here.dataDir, ...environment });
const keyFile = () => join(here.dataDir, 'secret.key');

/** An account with a token, an item and a task with privacy codes, and deliveries that brought them. */
async function beginWithSecrets(env: Record<string, string> = {}): Promise<void> {
  here = await startInstallation({ env, connectsWebhooks: false });
  await here.connect();
  const [fetched, waiting] = here.sandbox.world.items(1, 'trip');
  await announce(fetched?.id, 'code-of-the-item');
  await here.settled();
  here.sandbox.faults.set({ statusItems: { [`trip/${waiting?.id}`]: 500 } });
  await announce(waiting?.id, 'code-of-the-task');
  await until(async () => (await blobs()).filter(({ table }) => table === 'tasks').length === 1);
}

async function announce(id: number | undefined, code: string): Promise<void> {
  const item_url = `https://ridewithgps.com/trips/${id}.json?privacy_code=${code}`;
  expect((await deliver(webhookUrl(here.app), bodyOf(notification({ item_id: id, item_url })))).status).toBe(200);
}

/** Every value of bytes in both databases: also where this test does not know that something is sealed. */
async function blobs(): Promise<{ table: string; bytes: Buffer }[]> {
  return ['inbox', 'mirror'].flatMap((name) => {
    const db = new Database(join(here.dataDir, `${name}.db`), { readonly: true });
    const columns = db.prepare<[], { table: string; name: string }>(`
      SELECT m.name AS "table", c.name FROM sqlite_schema m, pragma_table_info(m.name) c WHERE m.type = 'table' AND c.type = 'BLOB'`);
    const found = columns.all().flatMap(({ table, name: column }) =>
      db
        .prepare<[], Buffer>(`SELECT ${column} FROM ${table} WHERE ${column} IS NOT NULL`)
        .pluck()
        .all()
        .map((bytes) => ({ table, bytes })),
    );
    db.close();
    return found;
  });
}

const opensWith = (seal: Seal, bytes: Buffer) => OWNERS.some((owner) => seal.isCurrent(bytes, owner));
async function sealedWith(...keys: string[]): Promise<string[]> {
  const seal = createSeal(keys);
  return (await blobs()).filter(({ bytes }) => opensWith(seal, bytes)).map(({ table }) => table);
}

/** The provider is asked with the token out of the data folder: it works only where that can be opened. */
async function stillConnected(): Promise<void> {
  here.sandbox.faults.clear();
  const [trip] = here.sandbox.world.items(1, 'trip');
  here.sandbox.world.edit('trip', trip?.id ?? 0, { name: 'After the rotation' }, { silent: true });
  await here.app.reconciler.reconcile({ source: 'ridewithgps', account: '1' });
  await here.settled();
  expect((await here.app.library.find(1, 'trip', String(trip?.id)))?.name).toBe('After the rotation');
  expect(await here.app.accounts.riders()).toMatchObject([{ state: 'active' }]);
}

describe('with secret.key', () => {
  test('a made key seals everything there is, the former one opens nothing more, and the account stays connected', async () => {
    await beginWithSecrets();
    await here.app.connectSource.store('tradegecko', {
      id: SHOP.account,
      name: 'A shop',
      token: 'the token of a shop',
    });
    const [former = ''] = secretKeysIn(here.dataDir);
    const places = (await sealedWith(former)).sort();
    expect(places).toEqual(['accounts', 'accounts', 'deliveries', 'deliveries', 'items', 'tasks']);
    await here.app.close();

    const { code, stdout, stderr } = await rotate();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({
      key: 'secret.key',
      resealed: { tokens: 2, privacy_codes: 2, deliveries: 2 },
      current: 0,
      unopenable: 0,
    });
    const keys = secretKeysIn(here.dataDir);
    expect(keys).toHaveLength(1);
    expect(keys).not.toContain(former);
    expect(statSync(keyFile()).mode & 0o777).toBe(0o600);
    expect(stdout).not.toContain(keys[0]);
    expect(await sealedWith(former)).toEqual([]);
    expect((await sealedWith(...keys)).sort()).toEqual(places);
    await here.restart();
    await stillConnected();
  });

  test('killed anywhere in between it leaves nothing that cannot be opened, and can be run again', async () => {
    await beginWithSecrets();
    await here.app.close();
    fillTasks(3_000);
    const count = (await sealedWith(...secretKeysIn(here.dataDir))).length;
    let cutOff = 0;
    for (let round = 0; round < 3; round += 1) {
      const before = readFileSync(keyFile(), 'utf8');
      const running = program.start(['rotate-key'], { DATA_DIR: here.dataDir });
      await until(() => readFileSync(keyFile(), 'utf8') !== before, 30_000);
      await new Promise((resolve) => setTimeout(resolve, 10 * round));
      running.signal('SIGKILL');
      expect((await running.ended).code).toBe('SIGKILL');
      const keys = secretKeysIn(here.dataDir);
      if (keys.length > 1) cutOff += 1;
      let opened = 0;
      for (const key of keys) opened += (await sealedWith(key)).length;
      expect(opened).toBe(count);
    }
    expect(cutOff).toBeGreaterThan(0);
    expect(JSON.parse((await rotate()).stdout)).toMatchObject({ unopenable: 0 });
    expect(secretKeysIn(here.dataDir)).toHaveLength(1);
    expect((await sealedWith(...secretKeysIn(here.dataDir))).length).toBe(count);
  }, 120_000);

  test('while Slipstream runs nothing is changed, and it says what to do', async () => {
    await beginWithSecrets();
    const before = readFileSync(keyFile(), 'utf8');
    const { code, stderr } = await program.run(['rotate-key', '--json'], { DATA_DIR: here.dataDir });
    expect(code).toBe(1);
    expect(stderr).toMatch(/Another Slipstream is at work on DATA_DIR .*changed nothing\. Stop the other one/);
    expect(readFileSync(keyFile(), 'utf8')).toBe(before);
  });

  test('what a lost key sealed is counted, left as it is, and a reason for exit code 1', async () => {
    await beginWithSecrets();
    await here.app.close();
    writeFileSync(keyFile(), `${newSecret()}\n`);
    const { code, stdout } = await rotate();
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ resealed: { tokens: 0 }, unopenable: 5 });
    const { stdout: words } = await command(['rotate-key'], { DATA_DIR: here.dataDir });
    expect(words).toMatch(/5 cannot be opened with any of the keys.*connect again/);
  });

  test.each([
    ['empty', ''],
    ['cut off', 'abc\n'],
  ])('a key file that is %s seals nothing: nothing starts, and it is said what to do', async (_, content) => {
    await beginWithSecrets();
    await here.app.close();
    writeFileSync(keyFile(), content);
    await expect(here.restart()).rejects.toThrow(/secret\.key is empty or cut off/);
    const { code, stderr } = await rotate();
    expect(code).toBe(1);
    expect(stderr).toMatch(/secret\.key is empty or cut off.*Put the right one back/);
    expect(stderr).not.toMatch(/\n +at /);
    expect((await command(['doctor'], { DATA_DIR: here.dataDir })).stdout).toMatch(/✗ secret key: .*cut off/);
  });
});

describe('with SECRET_KEY', () => {
  test('the first of the list seals, the others open, and afterwards the first is enough', async () => {
    await beginWithSecrets({ SECRET_KEY: FORMER });
    await here.app.close();
    const { code, stdout } = await rotate({ SECRET_KEY: `${FRESH},${FORMER}` });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ key: 'SECRET_KEY', resealed: { tokens: 1, privacy_codes: 2 } });
    expect(await sealedWith(FORMER)).toEqual([]);
    here.environment.SECRET_KEY = FRESH;
    await here.restart();
    await stillConnected();
  });

  test('with one key there is nothing to do, and it is said how to change it', async () => {
    await beginWithSecrets({ SECRET_KEY: FORMER });
    await here.app.close();
    const { code, stdout } = await command(['rotate-key'], { DATA_DIR: here.dataDir, SECRET_KEY: FORMER });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Sealed anew: 0 tokens, 0 privacy codes, 0 deliveries; 5 had the new key already\./);
    expect(stdout).toMatch(/put a new one and a comma before it/);
  });
});

test('without a library there is nothing to rotate, and no key is made', async () => {
  here = await startInstallation();
  const { code, stderr } = await program.run(['rotate-key']);
  expect(code).toBe(1);
  expect(stderr).toMatch(/There is no library in DATA_DIR/);
});

/** So many that a kill meets the middle of it. */
function fillTasks(count: number): void {
  const seal = createSeal(secretKeysIn(here.dataDir));
  const db = new Database(join(here.dataDir, 'inbox.db'));
  const insert = db.prepare(`
    INSERT INTO tasks (source, account, type, item_id, priority, due_at, origin, action, secret, first_learnt_at, last_learnt_at)
    VALUES ('ridewithgps', '1', 'trip', ?, 0, 0, 'webhook', 'updated', ?, 0, 0)`);
  db.transaction(() => {
    for (let n = 0; n < count; n += 1) {
      insert.run(String(1e6 + n), seal.seal(`code-${n}`, { source: 'ridewithgps', account: '1' }));
    }
  })();
  db.close();
}
