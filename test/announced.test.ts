import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Finding } from '../src/storage/inbox.ts';
import type { AccountSync, SyncReport } from '../src/storage/sync.ts';
import { webhookHealth } from '../src/webhook-health.ts';
import { type Browser, type Installation, startInstallation, webhookUrl } from './support/slipstream.ts';
import { until } from './support/until.ts';
import { bodyOf, deliver, notification } from './support/webhook.ts';

/** One program for all, and the story of one account in it. */
const ROBIN = { source: 'ridewithgps', account: '1' } as const;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
let here: Installation;
let browser: Browser;
let ahead = 0;

beforeAll(async () => {
  here = await startInstallation({ appNow: () => Date.now() + ahead });
  browser = await here.connect();
});
afterAll(() => here.close());

const report = async (): Promise<AccountSync> => {
  const [account] = (await browser.json<SyncReport>('/api/v1/sync')).accounts;
  if (!account) throw new Error('There is no account in the report.');
  return account;
};
const syncPage = async () => (await browser.get('/sync')).text();
const metrics = async () => (await fetch(`${here.app.url}/metrics`)).text();

async function edit(trip: number, name: string): Promise<void> {
  here.sandbox.world.edit('trip', here.sandbox.world.items(1, 'trip')[trip]?.id ?? 0, { name });
  await here.settled();
}

/** Changes as reconciliation finds them, so many minutes before now, each found `after` minutes later; no webhook came. */
async function unheard(minutesAgo: readonly number[], after = 5): Promise<void> {
  const now = Date.now() + ahead;
  const findings = minutesAgo.map((minutes, at): Finding => {
    const happenedAt = now - minutes * MINUTE_MS;
    const key = { ...ROBIN, type: 'trip', id: `${minutes}-${after}-${at}` };
    return { key, action: 'updated', happenedAt, foundAt: happenedAt + after * MINUTE_MS, known: false };
  });
  await here.app.inbox.enqueue([], findings);
  await here.app.inbox.judge(findings.map((finding) => ({ finding, announced: false })));
}

const healthSince = (lastWebhook: number) =>
  webhookHealth(here.app.inbox, ROBIN, Date.now() + ahead - lastWebhook * MINUTE_MS, Date.now() + ahead);

test('an account that never had a webhook has no webhook health', async () => {
  expect(await report()).toMatchObject({ mode: 'polling', webhooks: null });
  expect(await syncPage()).not.toContain('Announced by webhook');
  expect(await metrics()).not.toContain('slipstream_webhooks_quiet{');
});

test('the share that was announced counts what was heard and what was only found', async () => {
  // The provider's times are whole seconds: not in the one of the backfill, which was listed then already.
  const listed = Date.parse((await report()).cursor ?? '');
  await until(() => Date.now() > listed + 1_000);
  await edit(0, 'Heard');
  // So long after the change it need not be fetched again when reconciliation lists it, and it counts all the same.
  const [trip] = here.sandbox.world.items(1, 'trip');
  const change = { type: 'trip', id: String(trip?.id), happenedAt: Date.now() };
  await until(async () => {
    await deliver(webhookUrl(here.app), bodyOf(notification({ item_id: trip?.id, action: 'updated' })));
    await here.settled();
    return (await here.app.items.fetchedLaterThan(1, [change], 2_000, 0))[0] ?? false;
  }, 20_000);
  here.sandbox.webhooks.lose(1);
  await edit(1, 'Not heard');
  expect(await here.app.reconciler.reconcile(ROBIN)).toMatchObject({ ok: true, found: 1 });
  ahead += 3 * MINUTE_MS;
  expect(await here.app.judgeFindings()).toBe(1);
  const { webhooks, drift } = await report();
  expect(drift).toEqual({ day: 1, total: 1 });
  const share = { changes: 2, announced: 1 };
  expect(webhooks).toEqual({ announced: { day: share, week: share, month: share }, quiet: null });
  expect(await syncPage()).toMatch(/50.%.*1 of 2 changes/s);
});

test('three changes without a word are silence; the account, the page and the metrics say so until the next word', async () => {
  ahead += DAY_MS;
  await edit(2, 'A word');
  ahead += 2 * 60 * MINUTE_MS;
  await unheard([60, 45]);
  expect((await report()).webhooks?.quiet).toBeNull();
  expect(await metrics()).toMatch(/^slipstream_webhooks_quiet\{source="ridewithgps",account="1"\} 0$/m);
  await unheard([30]);
  expect((await report()).webhooks?.quiet).toMatchObject({ changes: 3 });
  expect(await syncPage()).toContain('Ride With GPS stopped announcing changes 1 hour ago.');
  expect(await metrics()).toMatch(/^slipstream_webhooks_quiet\{source="ridewithgps",account="1"\} 1$/m);
  await edit(2, 'It speaks');
  expect((await report()).webhooks?.quiet).toBeNull();
  expect(await syncPage()).not.toContain('stopped announcing');
});

test('no change, one bad moment, and what happened while nobody listened are no silence', async () => {
  ahead += 40 * DAY_MS;
  expect((await healthSince(30 * 24 * 60)).quiet).toBeNull();
  await unheard([68, 64, 60]);
  expect((await healthSince(100)).quiet).toBeNull();
  await unheard([1_000, 900, 800, 700], 300);
  expect((await healthSince(1_100)).quiet).toBeNull();
  await unheard([50]);
  expect((await healthSince(100)).quiet).toMatchObject({ changes: 4 });
  expect((await healthSince(61)).quiet).toBeNull();
});
