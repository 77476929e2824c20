import type { RecordItem, RecordPage } from '../../src/storage/records.ts';
import type { SourceAccount, SourceReport } from '../../src/storage/source-report.ts';
import type { SourceCard } from '../../src/web/sources/page.ts';
import type { RecordPageData } from '../../src/web/sources/record.ts';
import { versions, why } from './histories.ts';

/** Sources and records as pages get them. */

const account = (changes: Partial<SourceAccount> = {}): SourceAccount => ({
  ...{ account: '7067', name: 'Gecko Inc.', state: 'active', mode: 'webhook', trouble: null, held: 0 },
  webhook_url: 'https://rides.example.org/webhooks/tradegecko/7067',
  last_webhook_at: '2026-07-05T11:40:00.000Z',
  last_reconciled_at: '2026-07-05T11:45:00.000Z',
  last_audit: { at: '2026-07-05T03:00:00.000Z', compared: 812, different: 0 },
  queue: { pending: 0, active: 0, parked: 0, dead: 0 },
  ...changes,
});

const report = (changes: Partial<SourceReport> = {}): SourceReport => ({
  ...{ source: 'tradegecko', title: 'TradeGecko', catches_up: 'changes', cursor: 'time', audited: true },
  ...{ handshake: false, set_up_until: null, enrols: true, connects: true },
  accounts: [account()],
  queue: { pending: 0, active: 0, parked: 0, dead: 0 },
  records: [
    { type: 'order', state: 'active', count: 611 },
    { type: 'order', state: 'deleted', count: 4 },
    { type: 'purchase_order', state: 'active', count: 201 },
  ],
  ...changes,
});

const card = (changes: Partial<SourceReport> = {}, url = changes.source ?? 'tradegecko/7067'): SourceCard => ({
  report: report(changes),
  addresses: [{ account: '7067', url: `https://rides.example.org/webhooks/${url}` }],
});

export const CARDS: SourceCard[] = [
  card({ source: 'ridewithgps', title: 'Ride With GPS', enrols: false, connects: false }),
  card(),
  card({
    ...{
      source: 'rye',
      title: 'Rye',
      catches_up: null,
      cursor: null,
      audited: false,
      handshake: true,
      connects: false,
    },
    accounts: [account({ name: 'Rye', last_webhook_at: null, last_reconciled_at: null })],
    records: [],
  }),
  card(
    {
      ...{ source: 'pryv', title: 'Pryv', connects: false },
      accounts: [
        account({ name: '<script>alert(1)</script>', state: 'reconnect' }),
        account({ account: 'b', name: 'Kim' }),
      ],
      queue: { pending: 0, active: 0, parked: 3, dead: 2 },
    },
    'pryv/kim?secret=7Xq2bD0a9lRr8fW3kPz5',
  ),
  {
    report: report({
      source: 'ecovelo',
      title: 'Ecovelo',
      catches_up: 'listing',
      accounts: [],
      records: [],
      connects: false,
    }),
    addresses: [],
  },
  card({ source: 'rye', title: 'Rye', handshake: true, set_up_until: '2026-07-05T12:12:00.000Z' }),
];

export const record = (changes: Partial<RecordItem> = {}): RecordItem => ({
  ...{ accountId: 2, source: 'tradegecko', account: '7067', type: 'order', id: '90210', state: 'active' },
  ...{ version: '2026-07-05T11:39:58.000Z', updated_at: '2026-07-05T11:39:58.000Z', deleted_at: null },
  fetched_at: '2026-07-05T11:40:01.000Z',
  title: 'Order SO-1042',
  summary: 'finalized, unpaid, for Ana Novak',
  ...changes,
});

export function recordList(...items: RecordItem[]): RecordPage {
  return {
    items,
    meta: { total: items.length * 40, page: 2, page_size: 50 },
    counts: items.length === 0 ? [] : report().records,
  };
}

export const RECORDS: RecordItem[] = [
  record(),
  record({ id: '2', title: '', summary: '' }),
  record({
    ...{ id: '3', type: 'purchase_order', state: 'deleted', deleted_at: '2026-07-01T10:00:00.000Z' },
    title:
      '<script>alert("PO")</script> a purchase order with a name that goes on and on, as names of people who sell things do',
  }),
];

export function recordData(changes: Partial<RecordPageData> = {}): Omit<RecordPageData, 'frame'> {
  const [present, ...earlier] = versions(3);
  const change = {
    values: [
      { path: ['status'], before: 'draft', after: 'finalized' },
      { path: ['lines', '0', 'quantity'], before: null, after: '12' },
      { path: ['notes'], before: '<b>none</b>', after: null },
    ],
    more: 4,
  };
  const all = [present, ...earlier].flatMap((each, at) =>
    each ? [{ ...each, change: at === 0 ? change : null }] : [],
  );
  return {
    ...{ source: 'tradegecko', type: 'order', id: '90210', record: record(), versions: all, total: 3 },
    account: { account: '7067', name: 'Gecko Inc.' },
    canAsk: true,
    body: JSON.stringify({
      ...{
        id: 90210,
        order_number: 'SO-1042',
        status: 'finalized',
        notes: '<script>alert(1)</script>',
        tags: [],
        paid: false,
      },
      lines: [
        { sku: 'B-1', quantity: 12, price: '3.50', variant: { id: 4, name: 'Bolt' } },
        { sku: 'N-7', quantity: 1, price: null },
      ],
      company: { name: 'Novak d.o.o.', contacts: ['ana@example.org', 'miha@example.org'] },
    }),
    why: why({ type: 'order', id: '90210', name: 'Order SO-1042' }),
    ...changes,
  };
}
