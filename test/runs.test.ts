import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { MirrorWriter } from '../src/storage/mirror.ts';
import type { NewRun, ToldRuns } from '../src/storage/runs.ts';
import { openMirrorForReading, openMirrorForWriting } from '../src/storage/sqlite/mirror.ts';
import type { SyncReport } from '../src/storage/sync.ts';
import { html } from '../src/web/html.ts';
import { storyOf } from '../src/web/sync-facts.ts';
import { type Installation, startInstallation } from './support/slipstream.ts';

const ROBIN = { source: 'ridewithgps', account: '1' } as const;
const KIM = { source: 'ridewithgps', account: '2' } as const;

describe('what is kept of runs', () => {
  const NOON = Date.parse('2026-06-01T12:00:00Z');
  const QUARTER_MS = 900_000;
  const DAY_MS = 86_400_000;
  let dataDir: string;
  let mirror: MirrorWriter;
  let robin: number;
  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'slipstream-'));
    mirror = openMirrorForWriting(dataDir);
    for (const ref of [ROBIN, KIM]) {
      const account = { ...ref, name: '', client: 'key', tokenKind: 'bearer', connectedAt: NOON } as const;
      const { id } = await mirror.accountWriter.connect({ ...account, sealedToken: Buffer.from('sealed') });
      if (ref === ROBIN) robin = id;
    }
  });
  afterEach(async () => {
    await mirror.close();
    rmSync(dataDir, { recursive: true });
  });

  const note = (at: number, over: Partial<NewRun> = {}, ref: typeof ROBIN | typeof KIM = ROBIN) =>
    mirror.runWriter.note(ref, {
      kind: 'reconciliation',
      startedBy: 'schedule',
      beganAt: at,
      endedAt: at + 500,
      found: 0,
      items: [],
      ...over,
    });
  const list = async (page = 1, pageSize = 10) => (await mirror.runs.list(robin, page, pageSize)).items;

  test('checks that found nothing are told as one, a day at a time, and nobody else’s are among them', async () => {
    for (let at = 0; at < 4; at += 1) await note(NOON + at * QUARTER_MS);
    await note(NOON, {}, KIM);
    await note(NOON + DAY_MS);
    expect(await list()).toMatchObject([
      { times: 1, began_at: '2026-06-02T12:00:00.000Z' },
      { times: 4, began_at: '2026-06-01T12:00:00.000Z', ended_at: '2026-06-01T12:45:00.500Z', found: 0, failed: null },
    ]);
  });

  test('what was found or failed is told by itself, and the same failure once', async () => {
    await note(NOON);
    await note(NOON + 1, { found: 1, items: [{ type: 'trip', id: '7', why: 'changed' }] });
    await note(NOON + 2);
    for (const failed of ['Down.', 'Down.', 'Slow.']) await note(NOON + 3, { failed });
    await note(NOON + 4);
    const told = (await list()).map(({ times, found, failed }) => [times, found, failed]);
    expect(told).toEqual([
      [1, 0, null],
      [1, 0, 'Slow.'],
      [2, 0, 'Down.'],
      [1, 0, null],
      [1, 1, null],
      [1, 0, null],
    ]);
  });

  test('every audit is a line of its own', async () => {
    const differences = { missing_here: 0, missing_there: 0, older_here: 0, pins_differ: false };
    for (const at of [1, 2]) await note(NOON + at, { kind: 'audit', compared: 9, differences });
    expect(await list()).toMatchObject([
      { kind: 'audit', times: 1, compared: 9, differences },
      { kind: 'audit', times: 1 },
    ]);
  });

  test('ninety days are kept, and pages count them all', async () => {
    for (let day = 0; day < 95; day += 1) await note(NOON + day * DAY_MS);
    const { items, meta } = await mirror.runs.list(robin, 2, 40);
    expect(meta).toEqual({ total: 91, page: 2, page_size: 40 });
    expect(items).toHaveLength(40);
    expect((await mirror.runs.list(robin, 3, 40)).items.at(-1)?.began_at).toBe('2026-06-05T12:00:00.000Z');
  });

  test('who was erased leaves none, and gets none', async () => {
    await note(NOON);
    await mirror.accountWriter.erase(ROBIN);
    await note(NOON + 1);
    expect(await list()).toEqual([]);
  });
});

describe('the history of the sync', () => {
  let here: Installation;
  afterEach(() => here.close());

  test('tells of each check what it was, why it ran and what it found', async () => {
    here = await startInstallation({
      env: { SIGNUP: 'open' },
      riders: [
        { id: 1, name: 'Robin', routes: 1, trips: 3, points: 5 },
        { id: 2, name: 'Kim', routes: 0, trips: 1, points: 5 },
      ],
    });
    const browser = await here.connect();
    const kim = await here.connect(2);
    const runs = async (query = '') => browser.json<ToldRuns>(`/api/v1/sync/runs${query}`);
    const { world, faults } = here.sandbox;
    const [edited, removed] = world.items(1, 'trip');

    world.edit('trip', edited?.id ?? 0, { name: 'Over the pass' }, { silent: true });
    await here.app.reconciler.reconcile(ROBIN);
    await here.settled();
    world.remove('trip', removed?.id ?? 0, { silent: true, unlogged: true });
    await here.app.auditor.audit(ROBIN);
    faults.set({ nextStatus: [500] });
    await here.app.auditor.audit(ROBIN);
    faults.clear();

    const { items, meta } = await runs();
    expect(items).toMatchObject([
      { kind: 'audit', started_by: 'person', failed: expect.stringMatching(/could not be reached/), compared: null },
      { kind: 'audit', compared: 3, found: 1, failed: null, differences: { missing_there: 1, missing_here: 0 } },
      {
        kind: 'reconciliation',
        found: 1,
        unannounced: null,
        items: [{ type: 'trip', id: String(edited?.id), name: 'Over the pass', why: 'changed' }],
      },
      { kind: 'backfill', started_by: 'connecting', found: 4 },
    ]);
    expect(items[1]?.items).toMatchObject([{ type: 'trip', id: String(removed?.id), why: 'missing-there' }]);
    expect(meta).toEqual({ total: 4, page: 1, page_size: 50 });
    expect((await runs('?page=2&page_size=3')).items.map(({ kind }) => kind)).toEqual(['backfill']);
    expect((await browser.get('/api/v1/sync/runs?page=0')).status).toBe(400);
    expect((await kim.json<ToldRuns>('/api/v1/sync/runs')).items.map(({ kind }) => kind)).toEqual(['backfill']);
    const page = await (await browser.get('/sync/runs')).text();
    expect(page).toContain('Over the pass');
    expect(await (await kim.get('/sync/runs')).text()).not.toContain('Over the pass');
  });

  test('has a check before its account counts as checked: whoever is told that it was finds what came of it', async () => {
    here = await startInstallation();
    await here.connect();
    const mirror = openMirrorForReading(here.dataDir);
    const { reconciler, auditor } = here.app;
    const checks = [
      { kind: 'reconciliation', run: () => reconciler.reconcile(ROBIN) },
      { kind: 'audit', run: () => auditor.audit(ROBIN) },
    ];
    for (const { kind, run } of checks) {
      const told = async () => {
        const account = await mirror.accounts.find(ROBIN);
        return JSON.stringify([account?.lastReconciledAt, account?.lastAudit]);
      };
      const before = await told();
      let isOver = false;
      const checked = run().finally(() => {
        isOver = true;
      });
      while ((await told()) === before && !isOver) await new Promise((resolve) => setImmediate(resolve));
      const { items } = await mirror.runs.list(1, 1, 1);
      expect(items).toMatchObject([{ kind }]);
      await checked;
    }
    await mirror.close();
  });

  test('a page and the reports that keep it true tell one story', async () => {
    here = await startInstallation();
    const browser = await here.connect();
    await here.app.auditor.audit(ROBIN);
    await here.settled();
    const page = await (await browser.get('/sync')).text();
    const { accounts, queue } = await browser.json<SyncReport>('/api/v1/sync');
    const [told = ''] = accounts.map((account) => html`${storyOf(account, queue)}`.markup);
    expect(told).not.toBe('');
    expect(page).toContain(`data-story="${told}"`);
  });

  test('erasing the only account leaves no row in any table of the mirror', async () => {
    here = await startInstallation();
    const browser = await here.connect();
    await here.app.auditor.audit(ROBIN);
    const db = new Database(join(here.dataDir, 'mirror.db'), { readonly: true });
    const tables = db
      .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
      .pluck()
      .all()
      // How far migrations came, the last id that was given out, and what the search index is made of.
      .filter((name) => !/^(migrations|account_ids|search(_.*)?)$/.test(name));
    const filled = () => tables.filter((name) => db.prepare(`SELECT 1 FROM "${name}" LIMIT 1`).get() !== undefined);
    expect(filled()).toEqual(expect.arrayContaining(['accounts', 'items', 'bodies', 'fetches', 'runs', 'sessions']));
    await browser.post('/disconnect', { data: 'erase' });
    expect(filled()).toEqual([]);
    db.close();
  });
});
