import { afterEach, describe, expect, test } from 'vitest';
import type { DeletionsReport, SyncReport } from '../src/storage/sync.ts';
import type { Notification } from '../src/vocabulary.ts';
import { command } from './cli/in-process.ts';
import type { Ran } from './cli/program.ts';
import { type Browser, type Installation, startInstallation } from './support/slipstream.ts';

const RIDER = { source: 'ridewithgps', account: '1' } as const;
const MINUTE = 60_000;
const DAY = 86_400_000;

let here: Installation;
let browser: Browser;
let ahead: number;

afterEach(() => here.close());

async function start(trips: number, others = 0): Promise<void> {
  ahead = 0;
  here = await startInstallation({
    env: { SIGNUP: 'open' },
    appNow: () => Date.now() + ahead,
    riders: [
      { id: 1, name: 'Robin Field', routes: 0, trips, points: 12 },
      { id: 2, name: 'Kim Hill', routes: 0, trips: others, points: 12 },
    ],
  });
  browser = await here.connect(1);
}

const slipstream = (...args: string[]): Promise<Ran> => command(args, { DATA_DIR: here.dataDir });
const trips = () => here.sandbox.world.items(1, 'trip').map(({ id }) => id);
const report = (of = browser) => of.json<DeletionsReport>('/api/v1/deletions');
const held = async () => (await report()).items.map(({ id }) => Number(id)).sort();
const kept = async () => (await report()).kept.items.map(({ id }) => Number(id)).sort();
const page = async (of = browser) => (await of.get('/sync')).text();
const sync = async () => (await browser.json<SyncReport>('/api/v1/sync')).accounts[0];
const stateOf = async (id: number) =>
  (await browser.json<{ item: { state: string } }>(`/api/v1/trips/${id}`)).item.state;
const count = async (state: string) =>
  (await browser.json<{ meta: { total: number } }>(`/api/v1/trips?state=${state}`)).meta.total;
/** The API takes JSON, which a form cannot send. */
function json(path: string, body: unknown, of = browser): Promise<Response> {
  return fetch(`${here.app.url}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'sec-fetch-site': 'same-origin',
      cookie: [...of.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
    },
    body: JSON.stringify(body),
  });
}

/** They disappear at the provider, and neither a webhook nor a reconciliation says so. */
function vanish(ids: readonly number[]): void {
  for (const id of ids) here.sandbox.world.remove('trip', id, { unlogged: true });
}

/** An audit finds what is missing, and a minute later it is missing still. */
async function audit(): Promise<void> {
  expect(await here.app.auditor.audit(RIDER)).toMatchObject({ ok: true });
  await minuteLater();
}

async function minuteLater(): Promise<void> {
  await here.settled();
  ahead += MINUTE + 1_000;
  here.app.dispatcher.wake();
  await here.settled();
}

/** Asks for these again, as a webhook would. */
async function look(ids: readonly number[]): Promise<void> {
  await here.app.inbox.enqueue(
    ids.map(
      (id): Notification => ({
        key: { ...RIDER, type: 'trip', id: String(id) },
        origin: 'person',
        action: 'asked for',
        learntAt: Date.now() + ahead,
        announcesDeletion: false,
      }),
    ),
  );
  await minuteLater();
}

/** The provider’s own 404, for items that it has. */
const hide = (ids: readonly number[]) =>
  here.sandbox.faults.set({ statusItems: Object.fromEntries(ids.map((id) => [`trip/${id}`, 404])) });

describe('the brake', () => {
  test.each([
    { of: 15, most: 10 },
    { of: 60, most: 12 },
  ])('of $of lets $most unannounced deletions go within a day, and holds the next', async ({ of, most }) => {
    await start(of);
    const all = trips();
    vanish(all.slice(0, most));
    await audit();
    expect(await held()).toEqual([]);
    expect(await count('deleted')).toBe(most);
    vanish(all.slice(most, most + 1));
    await audit();
    expect(await held()).toEqual([all[most]]);
    expect(await count('deleted')).toBe(most);
    expect(await count('active')).toBe(of - most);
  });

  test('announced deletions do not count, whether by webhook or by reconciliation', async () => {
    await start(40);
    const all = trips();
    for (const id of all.slice(0, 12)) here.sandbox.world.remove('trip', id);
    for (const id of all.slice(12, 20)) here.sandbox.world.remove('trip', id, { silent: true });
    await here.settled();
    await here.app.reconciler.reconcile(RIDER);
    await here.settled();
    expect(await count('deleted')).toBe(20);
    vanish(all.slice(20, 30));
    await audit();
    expect(await count('deleted')).toBe(30);
    expect(await held()).toEqual([]);
    vanish(all.slice(30, 31));
    await audit();
    expect(await held()).toHaveLength(1);
  });

  test('counts within a day, and begins anew after it', async () => {
    await start(40);
    const all = trips();
    vanish(all.slice(0, 10));
    await audit();
    ahead += DAY - 10 * MINUTE;
    vanish(all.slice(10, 11));
    await audit();
    expect(await held()).toEqual([all[10]]);
    ahead += 10 * MINUTE;
    vanish(all.slice(11, 20));
    await audit();
    // One is held still, so nine more make ten.
    expect(await held()).toEqual([all[10]]);
    expect(await count('deleted')).toBe(19);
  });
});

describe('what is held', () => {
  async function hold(): Promise<number[]> {
    await start(15);
    const gone = trips().slice(0, 12);
    vanish(gone);
    await audit();
    const ids = await held();
    expect(ids).toHaveLength(2);
    return ids;
  }

  test('is shown with name, date, distance and link, why it stopped, and both answers: page and API', async () => {
    const ids = await hold();
    const { items, meta } = await report();
    expect(meta).toMatchObject({ total: 2, limit: 10, deleted: 10 });
    expect(meta.reason).toMatch(
      /^Within a day, Ride With GPS stopped having 12 of your 15 routes and trips, and nobody announced it\. Up to 10 a day.*10 of them count as deleted already\.$/,
    );
    expect(await sync()).toMatchObject({ held: 2 });
    const markup = await page();
    expect(markup).toContain('2 deletions held');
    expect(markup).toContain('2 deletions wait for your word.');
    expect(await (await browser.get('/library')).text()).toContain('2 deletions held');
    for (const { id, name, distance } of items) {
      expect(ids).toContain(Number(id));
      expect(markup).toContain(`<a href="/trips/${id}">${name}</a> <span class="quiet">trip, `);
      expect(markup).toContain(`${((distance ?? 0) / 1_000).toFixed(1)}\u202fkm, gone <time`);
    }
    expect(markup).toMatch(
      /<form method="post" action="\/sync\/deletions\/refuse"><input type="hidden" name="through" value="[^"]+"><button class="primary">Keep them</,
    );
    expect(markup).toMatch(/action="\/sync\/deletions\/confirm".*I deleted them</);
  });

  test('is deleted by a yes from page, API and command line: exactly what was shown', async () => {
    await hold();
    const answers = {
      page: async (through: string) => {
        const form = /"\/sync\/deletions\/confirm"><input type="hidden" name="through" value="([^"]+)"/.exec(shownPage);
        expect(form?.[1]).toBe(through);
        expect((await browser.post('/sync/deletions/confirm', { through })).status).toBe(303);
      },
      api: async (through: string) =>
        expect(await (await json('/api/v1/deletions/confirm', { through })).json()).toEqual({ confirmed: 1 }),
      cli: async () => {
        const [, words = ''] = /slipstream (deletions confirm .+)/.exec(shownList) ?? [];
        expect((await slipstream(...words.trim().split(/ +/))).stdout).toMatch(/^1 deleted\./);
      },
    };
    let shownPage = '';
    let shownList = '';
    for (const answer of Object.values(answers)) {
      const shown = await held();
      const through = (await report()).meta.through ?? '';
      shownPage = await page();
      shownList = (await slipstream('deletions')).stdout;
      const [later = 0] = trips();
      vanish([later]);
      await audit();
      expect(await held()).toHaveLength(shown.length + 1);
      await answer(through);
      expect(await held()).toEqual([later]);
      for (const id of shown) expect(await stateOf(id)).toBe('deleted');
    }
    // It stays so when it is looked at again.
    await audit();
    expect(await count('deleted')).toBe(14);
  });

  test('is kept by a no, asked for once more, and not asked about again; a no can be taken back', async () => {
    const first = await hold();
    const expected: number[] = [];
    const refusals = {
      page: (through: string) => browser.post('/sync/deletions/refuse', { through }),
      api: async (through: string) =>
        expect(await (await json('/api/v1/deletions/refuse', { through })).json()).toEqual({ kept: 1 }),
      cli: async (through: string) =>
        expect((await slipstream('deletions', 'refuse', '--through', through)).stdout).toMatch(/^1 kept\./),
    };
    for (const refuse of Object.values(refusals)) {
      expected.push(...(await held()));
      here.sandbox.forgetRequests();
      await refuse((await report()).meta.through ?? '');
      await here.settled();
      // And with it what had gone before the brake was on.
      expect(here.sandbox.requests.filter(({ status }) => status === 404).length).toBeGreaterThanOrEqual(11);
      expect(await held()).toEqual([]);
      expect(await kept()).toEqual([...expected].sort());
      vanish(trips().slice(0, 1));
      await audit();
    }
    expect(expected).toEqual(expect.arrayContaining(first));
    await json('/api/v1/deletions/confirm', { through: (await report()).meta.through });
    for (let day = 0; day < 3; day += 1) {
      ahead += DAY;
      await audit();
      expect(await held()).toEqual([]);
    }
    expect(await kept()).toEqual([...expected].sort());
    for (const id of expected) expect(await stateOf(id)).toBe('active');
    // It differs from the provider on purpose: no alarm.
    expect((await sync())?.last_audit).toMatchObject({ different: 0 });
    expect(await page()).toContain('Kept by you');
    expect((await slipstream('deletions', 'list', '--kept')).stdout).toMatch(/kept, although.*\n[\s\S]*trip \d+ /);

    const confirmations = {
      page: (through: string) => browser.post('/sync/deletions/kept/confirm', { through }),
      api: (through: string) => json('/api/v1/deletions/kept/confirm', { through }),
      cli: (through: string) => slipstream('deletions', 'confirm', '--kept', '--through', through),
    };
    for (const confirm of Object.values(confirmations)) {
      const { items } = (await report()).kept;
      const [oldest = ''] = items.map(({ since }) => since).sort();
      await confirm(oldest);
      expect(await kept()).toHaveLength(items.filter(({ since }) => since > oldest).length);
    }
    expect(await kept()).toEqual([]);
    for (const id of expected) expect(await stateOf(id)).toBe('deleted');
  });

  test('is released by itself when it comes back, and so is what went before the brake was on', async () => {
    await start(15);
    const gone = trips().slice(0, 12);
    hide(gone);
    await look(gone);
    expect(await held()).toHaveLength(2);
    expect(await count('deleted')).toBe(10);
    // The provider lists them as ever, not changed: the audit alone can tell.
    here.sandbox.faults.clear();
    expect(await here.app.auditor.audit(RIDER)).toMatchObject({ ok: true });
    await here.settled();
    expect(await held()).toEqual([]);
    expect(await count('active')).toBe(15);
    expect(await page()).not.toMatch(/deletions? held/);
  });

  test('and kept is like any other once it came back: asked about when it goes again', async () => {
    await start(15);
    const gone = trips().slice(0, 12);
    hide(gone);
    await look(gone);
    const ids = await held();
    await json('/api/v1/deletions/refuse', { through: (await report()).meta.through }, browser);
    await here.settled();
    expect(await kept()).toEqual(ids);
    here.sandbox.faults.clear();
    await here.app.auditor.audit(RIDER);
    await here.settled();
    expect(await kept()).toEqual([]);
    expect(await count('active')).toBe(15);
    hide(gone);
    await look(gone);
    expect(await held()).toHaveLength(2);
  });

  test('is answered for by its owner alone, from here, and never without saying what was shown', async () => {
    const ids = await hold();
    const guest = await here.connect(2);
    const through = (await report()).meta.through;
    expect(await report(guest)).toMatchObject({ items: [], meta: { total: 0, through: null, reason: null } });
    expect(await page(guest)).not.toContain('deletions held');
    for (const path of ['/api/v1/deletions/confirm', '/api/v1/deletions/refuse', '/api/v1/deletions/kept/confirm']) {
      for (const body of [{}, { through: 'now' }, { through: 5 }, []]) {
        const answer = await json(path, body, browser);
        expect(answer.status).toBe(400);
        expect(await answer.json()).toMatchObject({ error: { code: 'no_through' } });
      }
      expect(Object.values((await (await json(path, { through }, guest)).json()) as object)).toEqual([0]);
      expect((await browser.post(path, {}, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
      expect((await fetch(`${here.app.url}${path}`, { method: 'POST' })).status).toBe(401);
    }
    for (const verb of ['confirm', 'refuse', 'kept/confirm']) {
      expect((await browser.post(`/sync/deletions/${verb}`)).status).toBe(400);
      await guest.post(`/sync/deletions/${verb}`, { through: through ?? '' });
      const foreign = { 'sec-fetch-site': 'cross-site' };
      expect((await browser.post(`/sync/deletions/${verb}`, { through: through ?? '' }, foreign)).status).toBe(403);
    }
    expect(await held()).toEqual(ids);
    expect(await kept()).toEqual([]);
  });

  test('is listed on the command line with the answers to copy, for people and for programs', async () => {
    const ids = await hold();
    const { stdout } = await slipstream('deletions');
    expect(stdout).toMatch(/Robin Field: Within a day, Ride With GPS stopped having 12 of your 15/);
    for (const id of ids) expect(stdout).toMatch(new RegExp(`^trip ${id} +\\d{4}-\\d\\d-\\d\\d +\\d+\\.\\d km `, 'm'));
    expect(stdout).toMatch(/slipstream deletions refuse +--account 1 --through \S+Z$/m);
    expect((await slipstream('status')).stdout).toMatch(/2 deletions wait for your word: "slipstream deletions"/);
    const [mine] = JSON.parse((await slipstream('deletions', '--json')).stdout);
    expect(mine).toMatchObject({ account: '1', meta: { total: 2 } });
    expect((await slipstream('deletions', '--account', '77')).stderr).toMatch(/no account 77/);
    expect((await slipstream('deletions', 'list', '--kept')).stdout).toBe('You keep nothing that is gone.\n');
  });

  test('is unfolded on the page where it is much', async () => {
    await start(60);
    vanish(trips().slice(0, 40));
    await audit();
    expect(await held()).toHaveLength(28);
    const markup = await page();
    expect(markup).toContain('28 deletions held');
    expect(markup).toContain('<details><summary>18 more</summary>');
    expect(markup.match(/gone <time/g)).toHaveLength(28);
  });
});
