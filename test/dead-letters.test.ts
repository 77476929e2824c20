import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { evidenceOf } from '../src/evidence.ts';
import { createSeal } from '../src/seal.ts';
import { createSources } from '../src/sources/index.ts';
import { openMirrorForWriting } from '../src/storage/sqlite/mirror.ts';
import type { DeadLetter, SyncReport } from '../src/storage/sync.ts';
import type { Claim, Notification } from '../src/vocabulary.ts';
import { fetchItem } from '../src/worker.ts';
import { createProgram, type Program } from './cli/program.ts';
import { type Browser, type Installation, startInstallation, webhookUrl } from './support/slipstream.ts';
import { bodyOf, deliver, notification } from './support/webhook.ts';

const RIDER = { source: 'ridewithgps', account: '1' } as const;
const UNREADABLE = '{"notifications": nonsense}';

interface Listed {
  items: DeadLetter[];
  meta: { total: number; dropped: number };
}

describe('evidence', () => {
  const asItIs = (text: string) => text;

  test('is text that a terminal and a database take', () => {
    expect(evidenceOf(Buffer.from('a\u001b[2Jb\u0000c\r\nd\te'), asItIs)).toBe('a\uFFFD[2Jb\uFFFDc\nd\te');
    expect(evidenceOf(Buffer.from([0x61, 0xff, 0xfe]), asItIs)).toBe('a\uFFFD\uFFFD');
  });

  test('is short, and says so where it was cut, never within a character', () => {
    expect(evidenceOf('x'.repeat(2_000), asItIs)).toBe('x'.repeat(2_000));
    const cut = evidenceOf('€'.repeat(5_000), asItIs);
    expect(cut).toMatch(/^€{400,2000}\n… cut here, of 15,000 bytes\.$/);
  });

  test('has no half of a secret at its end', () => {
    const secret = 's3cret'.repeat(10);
    for (let before = 1_900; before < 2_100; before += 7) {
      const text = evidenceOf(`${'x'.repeat(before)}${secret}${'y'.repeat(3_000)}`, (all) =>
        all.replaceAll(secret, '…'),
      );
      expect(text).not.toContain('s3cret');
    }
  });
});

describe('what a provider answered', () => {
  const claim: Claim = {
    task: 1,
    key: { ...RIDER, type: 'trip', id: '7' },
    seq: 1,
    attempts: 1,
    origin: 'webhook',
    action: 'updated',
    announcesDeletion: false,
    firstLearntAt: 1,
    lastLearntAt: 1,
    notifications: 1,
    webhook: null,
    claimedAt: 1,
  };
  const seal = createSeal(['a key of the tests, long enough']);
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'slipstream-'));
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));

  /** One fetch of trip 7 from a provider that answers this, and repeats what it was asked with. */
  async function evidence(status: number, answer: (asked: string) => string): Promise<string | undefined> {
    const provider = createServer((request, response) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(answer(`${request.headers.authorization} ${request.url}`));
    });
    await new Promise<void>((resolve) => void provider.listen(0, '127.0.0.1', resolve));
    const { port } = provider.address() as AddressInfo;
    const sources = createSources(
      {
        ridewithgps: { baseUrl: `http://127.0.0.1:${port}`, clients: [], authToken: undefined },
      },
      { subKeys: () => [] },
    );
    const { accounts, accountWriter, items, itemWriter: writer, close } = openMirrorForWriting(dataDir);
    try {
      const sealedToken = seal.seal('the-token-of-the-rider', RIDER);
      await accountWriter.connect({
        ...{ ...RIDER, name: 'Robin', client: 'key', tokenKind: 'bearer', sealedToken, connectedAt: 1 },
      });
      const secret = seal.seal('Pr1vateC0de', claim.key);
      const parts = { sources, seal, accounts, items, writer, now: Date.now };
      const outcome = await fetchItem(parts, { ...claim, secret }, (work) => work());
      return 'evidence' in outcome ? outcome.evidence : undefined;
    } finally {
      await close();
      for (const source of sources.values()) await source.close();
      provider.close();
    }
  }

  test('is kept with its status, and without the token and the privacy code that it repeats', async () => {
    const told = await evidence(422, (asked) => JSON.stringify({ error: `No: ${asked}` }));
    expect(told).toMatch(/^HTTP 422\n\{"error":"No: Bearer … \/api\/v1\/trips\/7\.json\?privacy_code=…/);
    expect(told).not.toMatch(/the-token-of-the-rider|Pr1vateC0de/);
  });

  test.each([
    ['a failure of the provider', 500, () => 'Out of order', 'HTTP 500\nOut of order'],
    ['another thing than JSON', 200, () => '<html>Sign in</html>', 'HTTP 200\n<html>Sign in</html>'],
    ['another item', 200, () => '{"trip":{"id":8}}', 'HTTP 200\n{"trip":{"id":8}}'],
    ['a proxy’s 404', 404, () => 'no such page', 'HTTP 404\nno such page'],
    [
      'a privacy code of its own',
      200,
      () => '{"trip":{"id":8,"privacy_code":"0ther"}}',
      'HTTP 200\n{"trip":{"id":8,"privacy_code":"…"}}',
    ],
  ])('is known of %s', async (_, status, answer, expected) => {
    expect(await evidence(status, answer)).toBe(expected);
  });
});

describe('dead letters of two riders', () => {
  let here: Installation;
  let program: Program;
  let owner: Browser;
  let guest: Browser;
  let ahead = 0;

  beforeAll(async () => {
    program = createProgram();
    here = await startInstallation({
      env: { SIGNUP: 'open' },
      appNow: () => Date.now() + ahead,
      riders: [
        { id: 1, name: 'Robin Field', routes: 0, trips: 3, points: 20 },
        { id: 2, name: 'Kim Hill', routes: 0, trips: 3, points: 20 },
      ],
    });
    owner = await here.connect(1);
    guest = await here.connect(2);
  });
  afterEach(async () => {
    here.sandbox.faults.clear();
    for (const browser of [owner, guest]) await browser.post('/api/v1/dead-letters/dismiss');
    await here.settled();
  });
  afterAll(async () => {
    program.close();
    await here.close();
  });

  const slipstream = (...args: string[]) => program.run(args, { DATA_DIR: here.dataDir });
  const trips = (rider: number) => here.sandbox.world.items(rider, 'trip').map(({ id }) => id);
  const list = (browser: Browser) => browser.json<Listed>('/api/v1/dead-letters');
  const letters = async (browser: Browser) => (await list(browser)).items;
  const only = <T>(some: T[]): T => {
    expect(some).toHaveLength(1);
    return some[0] as T;
  };
  const nameOf = async (browser: Browser, id: number) =>
    (await browser.json<{ item: { name: string } }>(`/api/v1/trips/${id}`)).item.name;

  /** The provider refuses these items for good. */
  async function refuse(rider: number, ids = trips(rider)): Promise<void> {
    here.sandbox.faults.set({ statusItems: Object.fromEntries(ids.map((id) => [`trip/${id}`, 422])) });
    for (const id of ids) here.sandbox.world.edit('trip', id, { name: `Refused ${id}` });
    await here.settled();
  }

  /** As an earlier version has left it: unreadable then, readable now. */
  const keepReadable = (...elements: unknown[]) =>
    here.app.inbox.keep({
      source: 'ridewithgps',
      client: 'test-key',
      receivedAt: Date.now(),
      headers: {},
      body: Buffer.from(bodyOf(...elements)),
      unreadable: { code: 'not-json', sentence: 'It could not be read.' },
    });

  test('of a task says what happened, what to do, and what was answered: API, page and command line', async () => {
    const [id = 0] = trips(1);
    await refuse(1, [id]);
    const letter = only(await letters(owner));
    expect(letter).toMatchObject({ kind: 'task', type: 'trip', item_id: String(id), code: 'http-422' });
    expect(letter.sentence).toMatch(
      /could not be copied: Ride With GPS answered 422\. Everything else is copied\..*replay/,
    );
    expect(letter.evidence).toMatch(/^HTTP 422\n\{"error":/);

    const page = await (await owner.get('/sync')).text();
    expect(page).toMatch(
      /<details><summary>What was answered<\/summary><pre tabindex="0">HTTP 422\n\{&quot;error&quot;/,
    );
    expect(page).toContain(`action="/dead-letters/${letter.id}/replay"`);
    expect(page).toContain(`action="/dead-letters/${letter.id}/dismiss"`);

    expect((await slipstream('dead-letters')).stdout).toContain(letter.sentence);
    const { stdout } = await slipstream('dead-letters', String(letter.id));
    expect(stdout).toMatch(/could not be copied[\s\S]*\n {4}HTTP 422\n {4}\{"error":/);
    expect(JSON.parse((await slipstream('dead-letters', String(letter.id), '--json')).stdout)).toEqual(letter);
    expect((await slipstream('dead-letters', '999999')).stderr).toMatch(/no dead letter 999999/);
  });

  test('of a delivery shows what was delivered, as text, without privacy codes and cut with a word', async () => {
    const url = 'https://ridewithgps.com/trips/7.json?privacy_code=Abc123';
    await deliver(webhookUrl(here.app), `{"notifications":[{"item_url":"${url}"} <script>alert(1)</script>\u001b[2J`);
    const { evidence } = only(await letters(owner));
    expect(evidence).toContain('privacy_code=…');
    expect(evidence).toContain('<script>alert(1)</script>\uFFFD[2J');
    const page = await (await owner.get('/sync')).text();
    expect(page).toContain('&lt;script&gt;alert(1)');
    expect(page).not.toMatch(/<script>alert|Abc123/);
    expect((await slipstream('dead-letters', '--json')).stdout).not.toContain('Abc123');

    await deliver(webhookUrl(here.app), `{"notifications":[${'x'.repeat(9_000)}`);
    const [newest] = await letters(owner);
    expect(newest?.evidence).toMatch(/x\n… cut here, of 9,018 bytes\.$/);
  });

  test('of a notification shows that one element, and needs the owner as every other', async () => {
    await deliver(webhookUrl(here.app), bodyOf({ user_id: 1, item_type: 'yak', item_id: 9, action: 'updated' }));
    await here.settled();
    expect(only(await letters(owner))).toMatchObject({
      kind: 'notification',
      evidence: '{"user_id":1,"item_type":"yak","item_id":9,"action":"updated"}',
    });
    expect((await owner.json<SyncReport>('/api/v1/sync')).queue.dead).toBe(1);
    expect((await guest.json<SyncReport>('/api/v1/sync')).queue.dead).toBe(0);
    expect(await (await owner.get('/sync')).text()).toContain('1 change needs you.');
  });

  test('after many attempts tell what was answered to the last one', async () => {
    const [id = 0, other = 0] = trips(1);
    here.sandbox.faults.set({ statusItems: { [`trip/${id}`]: 500 } });
    here.sandbox.world.edit('trip', id, { name: 'Never' });
    for (let attempt = 0; attempt < 60 && (await letters(owner)).length === 0; attempt += 1) {
      // Something else works: it is this item that fails, and not the provider.
      here.sandbox.world.edit('trip', other, { name: `Well ${attempt}` });
      ahead += 25 * 60_000;
      await here.settled();
    }
    expect(only(await letters(owner))).toMatchObject({ code: 'given-up' });
    expect(only(await letters(owner)).evidence).toMatch(/^It answered 500\.\nHTTP 500\n/);
  });

  test.each(['api', 'page', 'cli'] as const)('one is replayed by %s, and closed when it healed', async (way) => {
    const [first = 0, second = 0] = trips(1);
    await refuse(1, [first, second]);
    here.sandbox.faults.clear();
    const letter = (await letters(owner)).find(({ item_id }) => item_id === String(first));
    const done = {
      api: async () => (await owner.post(`/api/v1/dead-letters/${letter?.id}/replay`)).status === 202,
      page: async () => (await owner.post(`/dead-letters/${letter?.id}/replay`)).headers.get('location') === '/sync',
      cli: async () => (await slipstream('replay', String(letter?.id))).code === 0,
    };
    expect(await done[way]()).toBe(true);
    await here.settled();
    expect(await nameOf(owner, first)).toBe(`Refused ${first}`);
    expect((await letters(owner)).map(({ item_id }) => item_id)).toEqual([String(second)]);
  });

  test.each(['api', 'page', 'cli'] as const)(
    'all are replayed at once by %s, and only those of who asks',
    async (way) => {
      await refuse(2);
      const ofGuest = await letters(guest);
      await refuse(1);
      await deliver(webhookUrl(here.app), UNREADABLE);
      here.sandbox.faults.set({ statusItems: Object.fromEntries(trips(2).map((id) => [`trip/${id}`, 422])) });
      const before = await letters(owner);
      const unreadable = before.find(({ kind }) => kind === 'delivery');
      expect(before).toHaveLength(4);
      if (way === 'api') {
        const answer = await (await owner.post('/api/v1/dead-letters/replay')).json();
        const tasks = before.filter(({ kind }) => kind === 'task').map(({ id }) => id);
        expect(answer).toEqual({ replayed: tasks, still_unreadable: [unreadable?.id] });
      } else if (way === 'page') {
        expect(await (await owner.get('/sync')).text()).toMatch(/action="\/dead-letters\/replay"><button>Replay all</);
        expect((await owner.post('/dead-letters/replay')).headers.get('location')).toBe('/sync');
      } else {
        const { code, stdout } = await slipstream('replay', '--all');
        // An operator asks for everybody.
        expect(stdout.trim().split('\n')).toHaveLength(7);
        expect({ code, stdout }).toMatchObject({ code: 1, stdout: expect.stringContaining('still not readable') });
      }
      await here.settled();
      expect((await letters(owner)).map(({ id }) => id)).toEqual([unreadable?.id]);
      for (const id of trips(1)) expect(await nameOf(owner, id)).toBe(`Refused ${id}`);
      if (way === 'cli') expect(await letters(guest)).toHaveLength(3);
      else expect(await letters(guest)).toEqual(ofGuest);
    },
  );

  test('what fails again is set aside again, once, and does not run in circles', async () => {
    const [id = 0] = trips(1);
    await refuse(1, [id]);
    const before = only(await letters(owner));
    here.sandbox.forgetRequests();
    here.sandbox.faults.set({ statusItems: { [`trip/${id}`]: 400 } });
    await owner.post('/api/v1/dead-letters/replay');
    await here.settled();
    const after = only(await letters(owner));
    expect(after).toMatchObject({ code: 'http-400', evidence: expect.stringMatching(/^HTTP 400\n/) });
    expect(after.sentence).toContain('Ride With GPS answered 400.');
    expect(after.id).not.toBe(before.id);
    ahead += 86_400_000;
    await here.settled();
    expect(here.sandbox.count(`/api/v1/trips/${id}`)).toBe(1);
  });

  test('what was set aside a week ago does not count as a slow webhook once it is replayed', async () => {
    const [id = 0] = trips(2);
    await refuse(2, [id]);
    here.sandbox.faults.clear();
    ahead += 7 * 86_400_000;
    await guest.post('/api/v1/dead-letters/replay');
    await here.settled();
    expect(await nameOf(guest, id)).toBe(`Refused ${id}`);
    expect((await guest.json<SyncReport>('/api/v1/sync')).accounts[0]?.lag_ms.p99 ?? 0).toBeLessThan(3_600_000);
  });

  test('a delivery that can be read now makes its tasks, and a letter of each element that cannot', async () => {
    const [id = 0] = trips(1);
    here.sandbox.world.edit('trip', id, { name: 'Read at last' }, { unlogged: true });
    await keepReadable(notification({ item_id: id }), { user_id: 1, item_type: 'yak' });
    const letter = only(await letters(owner));
    expect((await owner.post(`/api/v1/dead-letters/${letter.id}/replay`)).status).toBe(202);
    await here.settled();
    expect(await nameOf(owner, id)).toBe('Read at last');
    expect(only(await letters(owner))).toMatchObject({
      kind: 'notification',
      evidence: '{"user_id":1,"item_type":"yak"}',
    });
  });

  test('what is as unreadable as before says that it was read again, and how often does not matter', async () => {
    await deliver(webhookUrl(here.app), UNREADABLE);
    const before = only(await letters(owner));
    for (const _ of [1, 2]) {
      const answer = await owner.post(`/api/v1/dead-letters/${before.id}/replay`);
      expect(answer.status).toBe(422);
      expect(await answer.json()).toMatchObject({ error: { code: 'still_unreadable' } });
    }
    const after = only(await letters(owner));
    expect(after).toEqual({ ...before, sentence: `Read again, with no other result. ${before.sentence}` });
  });

  test.each(['api', 'page', 'cli'] as const)(
    'one is dismissed by %s: off the list, the copy untouched',
    async (way) => {
      // Not the one that was copied a moment ago: the provider's times are whole seconds, and an audit goes by them.
      const [, first = 0, second = 0] = trips(1);
      const name = await nameOf(owner, first);
      await refuse(1, [first, second]);
      const letter = (await letters(owner)).find(({ item_id }) => item_id === String(first));
      const done = {
        api: async () => (await owner.post(`/api/v1/dead-letters/${letter?.id}/dismiss`)).status === 200,
        page: async () => (await owner.post(`/dead-letters/${letter?.id}/dismiss`)).headers.get('location') === '/sync',
        cli: async () => (await slipstream('dismiss', String(letter?.id))).code === 0,
      };
      expect(await done[way]()).toBe(true);
      await here.settled();
      expect((await letters(owner)).map(({ item_id }) => item_id)).toEqual([String(second)]);
      expect((await owner.json<SyncReport>('/api/v1/sync')).queue.dead).toBe(1);
      expect(await nameOf(owner, first)).toBe(name);
      // As it says: when an audit comes upon the difference, it is tried again.
      await here.app.auditor.audit(RIDER);
      await here.settled();
      const refused = async () => (await letters(owner)).map(({ item_id }) => Number(item_id)).sort();
      await expect.poll(refused, { timeout: 20_000 }).toEqual([first, second].sort());
    },
  );

  test.each(['api', 'page', 'cli'] as const)('all are dismissed at once by %s', async (way) => {
    await refuse(1);
    await deliver(webhookUrl(here.app), UNREADABLE);
    await keepReadable(notification({ user_id: 2 }));
    expect((await list(owner)).meta.total).toBe(5);
    const done = {
      api: async () =>
        ((await (await owner.post('/api/v1/dead-letters/dismiss')).json()) as { dismissed: number[] }).dismissed
          .length === 5,
      page: async () => (await owner.post('/dead-letters/dismiss')).headers.get('location') === '/sync',
      cli: async () => JSON.parse((await slipstream('dismiss', '--all', '--json')).stdout).length === 5,
    };
    expect(await done[way]()).toBe(true);
    expect(await letters(owner)).toEqual([]);
    expect((await slipstream('dead-letters')).stdout).toBe('Nothing needs you.\n');
  });

  test('are seen, replayed and dismissed by nobody else; those of nobody belong to the owner alone', async () => {
    await refuse(1, trips(1).slice(0, 1));
    await deliver(webhookUrl(here.app), UNREADABLE);
    const mine = await letters(owner);
    expect(mine).toHaveLength(2);
    expect(await list(guest)).toMatchObject({ items: [], meta: { total: 0 } });
    expect(await (await guest.get('/sync')).text()).not.toContain('Set aside');
    for (const { id } of mine) {
      for (const verb of ['replay', 'dismiss']) {
        expect((await guest.post(`/api/v1/dead-letters/${id}/${verb}`)).status).toBe(404);
        expect((await guest.post(`/dead-letters/${id}/${verb}`)).status).toBe(404);
        expect((await fetch(`${here.app.url}/api/v1/dead-letters/${id}/${verb}`, { method: 'POST' })).status).toBe(401);
      }
    }
    for (const verb of ['replay', 'dismiss']) {
      await guest.post(`/api/v1/dead-letters/${verb}`);
      await guest.post(`/dead-letters/${verb}`);
      const foreign = { 'sec-fetch-site': 'cross-site' };
      expect((await owner.post(`/api/v1/dead-letters/${verb}`, {}, foreign)).status).toBe(403);
      expect((await owner.post(`/dead-letters/${verb}`, {}, foreign)).status).toBe(403);
    }
    expect(await letters(owner)).toEqual(mine);
  });

  test('more than a page shows are counted on it, and all of them are reached at once', async () => {
    const asked = Array.from(
      { length: 60 },
      (_, n): Notification => ({
        key: { ...RIDER, type: 'trip', id: String(900_000 + n) },
        origin: 'person',
        action: 'asked for',
        learntAt: Date.now(),
        announcesDeletion: false,
      }),
    );
    const statusItems = Object.fromEntries(asked.map(({ key }) => [`trip/${key.id}`, 422]));
    here.sandbox.faults.set({ statusItems });
    await here.app.inbox.enqueue(asked);
    here.app.dispatcher.wake();
    await here.settled();
    const page = await (await owner.get('/sync')).text();
    expect(page.match(/<pre /g)).toHaveLength(50);
    expect(page).toContain('And 10 older ones.');
    expect(page).toContain('Dismiss all 60');
    await owner.post('/dead-letters/dismiss');
    expect(await list(owner)).toMatchObject({ items: [], meta: { total: 0 } });
  });
});
