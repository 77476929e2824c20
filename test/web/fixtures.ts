import type { Account } from '../../src/storage/accounts.ts';
import type { Facets, LibraryItem, LibraryPage } from '../../src/storage/library.ts';
import type { ToldRun, ToldRuns } from '../../src/storage/runs.ts';
import type {
  AccountSync,
  DeadLetter,
  DeletionsReport,
  Held,
  QueueCounts,
  WebhookHealth,
} from '../../src/storage/sync.ts';
import type { DeadLetters } from '../../src/web/dead-letters.ts';
import type { RiderFrame } from '../../src/web/frame.ts';
import { METRIC } from '../../src/web/units.ts';
import { roundTrip, thumbnailOf } from './tracks.ts';

/** Data for pages as a real library would have it. Every maker takes what should differ. */

export const NOW = new Date('2026-07-05T12:00:00Z');

export const ASSETS = {
  styles: '/assets/styles.css',
  script: '/assets/main.js',
  font: '/assets/font.woff2',
  icon: '/assets/icon.svg',
};

function account(changes: Partial<Account> = {}): Account {
  return {
    id: 1,
    source: 'ridewithgps',
    user_id: '4711',
    name: 'Marjeta Novak',
    client: 'key-1',
    state: 'active',
    owner: true,
    tokenKind: 'bearer',
    cursor: '2026-07-05T11:55:00Z',
    backfillTotal: 1247,
    connectedAt: Date.parse('2026-05-01T08:00:00Z'),
    lastReconciledAt: Date.parse('2026-07-05T11:56:00Z'),
    lastAudit: { at: Date.parse('2026-07-05T03:00:12Z'), compared: 1247, different: 0 },
    preferences: { units: '', theme: '', mapStyle: '', language: '' },
    ...changes,
  };
}

export function sync(changes: Partial<AccountSync> = {}): AccountSync {
  return {
    source: 'ridewithgps',
    user_id: '4711',
    name: 'Marjeta Novak',
    state: 'active',
    mode: 'webhook',
    cursor: '2026-07-05T11:55:00Z',
    backfill: { done: 1247, total: 1247, rate: null, seconds_left: null },
    last_webhook_at: '2026-07-05T10:41:09Z',
    last_reconciled_at: '2026-07-05T11:56:00Z',
    last_audit: { at: '2026-07-05T03:00:12Z', compared: 1247, different: 0 },
    drift: { day: 0, total: 3 },
    webhooks: health(),
    overdue: null,
    held: 0,
    trouble: null,
    lag_ms: { p50: 640, p99: 1830 },
    ...changes,
  };
}

export const COPYING: Partial<AccountSync> = {
  backfill: { done: 312, total: 1247, rate: 4.1, seconds_left: 228 },
  last_audit: null,
};

export const POLLING: Partial<AccountSync> = {
  mode: 'polling',
  last_webhook_at: null,
  webhooks: null,
  trouble: null,
  lag_ms: { p50: null, p99: null },
  drift: { day: 0, total: 0 },
};

export function health(changes: Partial<WebhookHealth> = {}): WebhookHealth {
  return {
    announced: {
      day: { changes: 3, announced: 3 },
      week: { changes: 14, announced: 14 },
      month: { changes: 61, announced: 58 },
    },
    quiet: null,
    ...changes,
  };
}

export function run(changes: Partial<ToldRun> = {}): ToldRun {
  return {
    id: 7,
    kind: 'reconciliation',
    started_by: 'schedule',
    began_at: '2026-07-05T11:56:00.000Z',
    ended_at: '2026-07-05T11:56:01.000Z',
    times: 1,
    found: 0,
    compared: null,
    differences: null,
    items: [],
    failed: null,
    unannounced: null,
    ...changes,
  };
}

export function runs(...items: ToldRun[]): ToldRuns {
  return { items, meta: { total: items.length, page: 1, page_size: 8 } };
}

/** Some days of a month with changes, one of them with what no webhook announced. */
export const ANNOUNCED_DAYS = [2, 3, 4, 9, 10, 15, 16, 17, 22, 23, 28].map((ago) => {
  const changes = 1 + ((ago * 7) % 9);
  const day = new Date(NOW.getTime() - ago * 86_400_000).toISOString().slice(0, 10);
  return { day, changes, announced: ago === 15 ? changes - 3 : changes };
});

const NO_DIFFERENCES = { missing_here: 0, missing_there: 0, older_here: 0, pins_differ: false };

/** What the ledger of a real month has: nothing missed, a change that was, audits, a failure, the beginning. */
export const RUNS = runs(
  run({ times: 48, began_at: '2026-07-05T00:00:00.000Z' }),
  run({ kind: 'audit', compared: 1247, differences: NO_DIFFERENCES, ended_at: '2026-07-05T03:00:12.000Z' }),
  run({
    found: 2,
    unannounced: 1,
    started_by: 'webhook',
    ended_at: '2026-07-04T18:20:00.000Z',
    items: [
      { type: 'trip', id: '90210', why: 'changed', name: 'Vršič before breakfast' },
      { type: 'route', id: '31337', why: 'deleted', name: '' },
    ],
  }),
  run({
    kind: 'audit',
    started_by: 'person',
    found: 3,
    compared: 1246,
    differences: { missing_here: 1, missing_there: 1, older_here: 1, pins_differ: false },
    ended_at: '2026-07-04T03:00:09.000Z',
    items: [
      { type: 'trip', id: '90300', why: 'missing-here', name: null },
      { type: 'trip', id: '90211', why: 'missing-there', name: 'Krvavec, slowly' },
      { type: 'route', id: '31338', why: 'older-here', name: 'Pokljuka plateau' },
    ],
  }),
  run({
    times: 5,
    failed: 'Ride With GPS could not be reached. It answered 502.',
    began_at: '2026-07-03T14:00:00.000Z',
    ended_at: '2026-07-03T15:00:00.000Z',
  }),
  run({ kind: 'backfill', started_by: 'connecting', found: 1246, ended_at: '2026-05-01T08:00:03.000Z' }),
);

export function queue(changes: Partial<QueueCounts> = {}): QueueCounts {
  return { pending: 0, active: 0, parked: 0, dead: 0, ...changes };
}

export function frame(
  changes: { account?: Partial<Account>; sync?: Partial<AccountSync>; queue?: Partial<QueueCounts> } = {},
): RiderFrame {
  return {
    assets: ASSETS,
    now: NOW,
    units: METRIC,
    theme: '',
    rider: { account: account(changes.account), sync: sync(changes.sync), queue: queue(changes.queue) },
  };
}

export function trip(changes: Partial<LibraryItem> = {}): LibraryItem {
  return {
    id: '90210',
    type: 'trip',
    name: 'Vršič before breakfast',
    description: 'Fog in the valley, sun above the tenth hairpin.',
    visibility: 'public',
    locality: 'Kranjska Gora',
    administrative_area: 'Upper Carniola',
    country_code: 'SI',
    activity_type: 'cycling:road',
    gear_id: '3',
    gear_name: 'Basso Palta',
    calories: 2104,
    highest: 1_611,
    distance: 64_210,
    elevation_gain: 1_284,
    elevation_loss: 1_279,
    duration: 12_040,
    moving_time: 10_820,
    avg_speed: 21.4,
    departed_at: '2026-07-04T04:12:00Z',
    created_at: '2026-07-04T08:03:00Z',
    updated_at: '2026-07-04T08:04:00Z',
    owned: true,
    pinned: false,
    state: 'active',
    deleted_at: null,
    fetched_at: '2026-07-04T08:04:02Z',
    thumbnail: thumbnailOf(roundTrip({ points: 60, seed: 1 })),
    ...changes,
  };
}

export function route(changes: Partial<LibraryItem> = {}): LibraryItem {
  return trip({
    id: '31337',
    type: 'route',
    name: 'Soča source and back',
    duration: null,
    moving_time: null,
    avg_speed: null,
    departed_at: null,
    activity_type: '',
    thumbnail: thumbnailOf(roundTrip({ points: 60, seed: 7 })),
    ...changes,
  });
}

const NAMES = [
  'Evening loop by the river',
  'Commute, headwind both ways',
  'Pokljuka plateau',
  'Coffee in Škofja Loka, the long way home over three hills and a gravel road nobody should take in the rain',
  'Lunch ride',
  'Krvavec, slowly',
  'Recovery spin',
];

/** A first page of the library: three months, routes among trips, one without positions, one pinned. */
export function libraryItems(): LibraryItem[] {
  return Array.from({ length: 24 }, (_, at) => {
    const day = new Date(Date.parse('2026-07-04T06:00:00Z') - at * 3 * 86_400_000).toISOString();
    const distance = 18_000 + ((at * 7_919) % 90_000);
    const common = {
      id: String(1000 + at),
      name: NAMES[at % NAMES.length] ?? '',
      distance,
      elevation_gain: at % 9 === 5 ? null : Math.round(distance / (45 + (at % 30))),
      updated_at: day,
      thumbnail: at % 11 === 6 ? [] : thumbnailOf(roundTrip({ points: 50, seed: at + 2 })),
      pinned: at === 2,
    };
    return at % 6 === 4
      ? route({ ...common })
      : trip({
          ...common,
          departed_at: day,
          moving_time: Math.round(distance / 6.2),
          locality: at % 5 === 1 ? '' : 'Ljubljana',
          administrative_area: '',
        });
  });
}

export function libraryPageOf(items: LibraryItem[], total: number = items.length, page = 1): LibraryPage {
  const sum = (read: (item: LibraryItem) => number | null) => items.reduce((all, item) => all + (read(item) ?? 0), 0);
  const totals = {
    count: total,
    distance: sum((item) => item.distance),
    climbing: sum((item) => item.elevation_gain),
    moving_time: sum((item) => item.moving_time),
  };
  return { items, meta: { total, page, page_size: 24 }, totals, facets: items.length === 0 ? NO_FACETS : FACETS };
}

const NO_FACETS: Facets = { activities: [], gear: [], visibilities: [], countries: [], years: [] };

const FACETS: Facets = {
  activities: [
    { value: 'cycling:road', count: 812 },
    { value: 'cycling:gravel', count: 301 },
    { value: 'walking:hiking', count: 12 },
  ],
  gear: [
    { value: '3', name: 'Basso Palta', count: 700 },
    { value: '4', name: 'The old steel one with the mudguards, for winter', count: 240 },
  ],
  visibilities: [
    { value: 'public', count: 1100 },
    { value: 'friends_only', count: 147 },
  ],
  countries: [
    {
      value: 'SI',
      name: 'Slovenia',
      count: 1100,
      areas: [
        { value: 'Upper Carniola', count: 700 },
        { value: 'Central Slovenia', count: 400 },
      ],
    },
    { value: 'IT', name: 'Italy', count: 90, areas: [{ value: 'Friuli-Venezia Giulia', count: 90 }] },
  ],
  years: [
    { value: '2026', count: 310 },
    { value: '2025', count: 702 },
    { value: '2024', count: 235 },
  ],
};

export const TRIP_BODY: Record<string, unknown> = {
  id: 90_210,
  name: 'Vršič before breakfast',
  description: 'Fog in the valley, sun above the tenth hairpin.\nNew chain.',
  departed_at: '2026-07-04T04:12:00Z',
  time_zone: 'Europe/Ljubljana',
  activity_type: 'cycling:road',
  distance: 64_210.4,
  elevation_gain: 1_284.2,
  elevation_loss: 1_279.8,
  moving_time: 10_820,
  duration: 12_040,
  avg_speed: 21.41,
  max_speed: 68.02,
  avg_hr: 141,
  max_hr: 178,
  avg_watts: 203.4,
  max_watts: 812,
  calories: 2104,
  terrain: 'climbing',
  difficulty: 'hard',
  track_type: 'loop',
  gear: { id: 3, make: 'Basso', model: 'Palta', description: null },
  is_stationary: false,
  visibility: 'public',
  photos: [{ id: 1, caption: 'Hairpin 11' }],
  likes_count: 4,
  privacy_code: 'never-shown',
  created_at: '2026-07-04T08:03:00Z',
  updated_at: '2026-07-04T08:04:00Z',
};

export const ROUTE_BODY: Record<string, unknown> = {
  ...TRIP_BODY,
  name: 'Soča source and back',
  departed_at: undefined,
  unpaved_pct: 12,
  surface: 'mostly_paved',
  course_points: [
    { x: 13.78, y: 46.48, d: 0, t: 'Generic', n: 'Start at the lake' },
    { x: 13.77, y: 46.47, d: 1_240, t: 'Left', n: 'Turn left onto Vršiška cesta' },
    { x: 13.76, y: 46.45, d: 11_800, t: 'Summit', n: 'Vršič, 1 611 m' },
    { x: 13.75, y: 46.41, d: 23_410, t: 'Right', n: 'Right to the source <b>of the Soča</b>' },
    'not a cue',
  ],
};

export function deadLetter(changes: Partial<DeadLetter> = {}): DeadLetter {
  return {
    id: 12,
    kind: 'task',
    source: 'ridewithgps',
    account: '4711',
    type: 'trip',
    item_id: '90210',
    code: 'body_too_large',
    sentence: 'This trip is larger than 64 MiB, so it was not copied. The version of 2 July is still here.',
    evidence: 'HTTP 422\n{"error":"Unprocessable"}',
    created_at: '2026-07-05T09:12:00Z',
    ...changes,
  };
}

export const letters = (...items: DeadLetter[]): DeadLetters => ({
  items,
  meta: { total: items.length, dropped: 0 },
});

export function heldItem(changes: Partial<Held> = {}): Held {
  return {
    type: 'trip',
    id: '90210',
    name: 'Vršič before breakfast',
    distance: 64_210,
    happened_at: '2026-07-04T04:12:00Z',
    since: '2026-07-05T11:00:00.000Z',
    ...changes,
  };
}

export function deletions(items: Held[] = [], kept: Held[] = []): DeletionsReport {
  const through = (some: Held[]) => some.at(-1)?.since ?? null;
  return {
    items,
    meta: {
      total: items.length,
      through: through(items),
      limit: 10,
      deleted: items.length > 0 ? 10 : 0,
      reason:
        items.length > 0 ? 'Within a day, 12 of your 15 routes and trips were gone, so Slipstream stopped.' : null,
    },
    kept: { items: kept, meta: { total: kept.length, through: through(kept) } },
  };
}
