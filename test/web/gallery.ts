import type { LibraryItem } from '../../src/storage/library.ts';
import type { Ridden } from '../../src/storage/statistics.ts';
import type { Assets } from '../../src/web/assets.ts';
import { comparisonPage } from '../../src/web/comparison.ts';
import type { RiderFrame } from '../../src/web/frame.ts';
import { historyPage } from '../../src/web/history.ts';
import { itemPage } from '../../src/web/item.ts';
import { landingPage } from '../../src/web/landing.ts';
import { libraryPage } from '../../src/web/library.ts';
import { readView } from '../../src/web/library-view.ts';
import { mapPage } from '../../src/web/map.ts';
import { MESSAGES, messagePage } from '../../src/web/message.ts';
import { runsPage } from '../../src/web/runs.ts';
import { ENGLISH } from '../../src/web/say.ts';
import { settingsPage } from '../../src/web/settings.ts';
import { sourcesPage } from '../../src/web/sources/page.ts';
import { recordPage } from '../../src/web/sources/record.ts';
import { recordsPage } from '../../src/web/sources/records.ts';
import { statisticsPage } from '../../src/web/statistics/page.ts';
import { readStatisticsView } from '../../src/web/statistics/view.ts';
import { syncPage } from '../../src/web/sync.ts';
import { IMPERIAL, METRIC } from '../../src/web/units.ts';
import { askWhyPage, whyPage } from '../../src/web/why.ts';
import {
  ANNOUNCED_DAYS,
  ASSETS,
  COPYING,
  deadLetter,
  deletions,
  frame,
  health,
  heldItem,
  letters,
  libraryItems,
  libraryPageOf,
  NOW,
  POLLING,
  ROUTE_BODY,
  RUNS,
  route,
  TRIP_BODY,
  trip,
} from './fixtures.ts';
import { comparison, passages, versions, why } from './histories.ts';
import { summaryFor } from './item-tracks.ts';
import { ridden, rideList, statistics } from './ridden.ts';
import { CARDS, RECORDS, record, recordData, recordList } from './sources.ts';

/** Every page in every state that it has, by address. Tests render them all; screenshots look at them all. */

const COUNTS = { active: 1247, hidden: 3, deleted: 12 };
const SCHEDULE = { reconcile: '*/15 * * * *', audit: '0 3 * * *' };
const ADDRESSES = {
  redirectUrl: 'https://rides.example.org/connect/ridewithgps/callback',
  webhookUrl: 'https://rides.example.org/webhooks/ridewithgps',
};

const visitor = (assets: Assets) => ({ assets, now: NOW, units: METRIC, theme: '' }) as const;
const rider = (assets: Assets, changes?: Parameters<typeof frame>[0]): RiderFrame => ({ ...frame(changes), assets });

const owner = (assets: Assets): RiderFrame => {
  const page = rider(assets);
  return { ...page, rider: { ...page.rider, sources: true } };
};

export const PAGES: Record<string, (assets: Assets) => string> = {
  '/landing': (assets) => landingPage({ frame: visitor(assets), door: 'open' }),
  '/landing-first': (assets) => landingPage({ frame: visitor(assets), door: 'open', firstRun: ADDRESSES }),
  '/landing-code': (assets) =>
    landingPage({ frame: visitor(assets), door: 'set-up-code', wrongCode: true, firstRun: ADDRESSES }),
  '/landing-closed': (assets) => landingPage({ frame: visitor(assets), door: 'closed', sessionOver: true }),
  '/landing-link': (assets) => landingPage({ frame: visitor(assets), door: 'login-link' }),

  '/library': (assets) => library(rider(assets), ''),
  '/library-filtered': (assets) =>
    library(
      rider(assets),
      'from=2026-01-01&to=2026-12-31&min_km=20&gear=4&country=SI&area=Upper+Carniola&sort=distance',
    ),
  '/library-copying': (assets) => library(rider(assets, { sync: COPYING, queue: { pending: 930, active: 4 } }), ''),
  '/library-listing': (assets) =>
    emptyLibrary(
      rider(assets, {
        sync: { cursor: null, backfill: { done: 0, total: 0, rate: null, seconds_left: null }, last_audit: null },
      }),
      '',
    ),
  '/library-empty': (assets) => emptyLibrary(rider(assets), ''),
  '/library-not-found': (assets) =>
    emptyLibrary(rider(assets), 'show=trips&q=<script>alert(1)</script>&min_climb=3000&gear=4', [0, 14, 1, 0]),
  '/library-deleted': (assets) =>
    libraryPage({
      frame: rider(assets),
      view: readView(new URLSearchParams('show=deleted')),
      page: libraryPageOf([
        trip({ state: 'deleted', deleted_at: '2026-07-03T10:00:00Z' }),
        route({ state: 'hidden', pinned: true, name: '' }),
      ]),
      counts: COUNTS,
    }),

  '/statistics': (assets) => statisticsOf(rider(assets), '', rideList()),
  '/statistics-all': (assets) => statisticsOf(rider(assets), 'year=all&by=climbing&gear=4&q=fog', rideList(), 2),
  '/statistics-miles': (assets) => statisticsOf({ ...rider(assets), units: IMPERIAL }, 'year=2025&by=time', rideList()),
  '/statistics-one': (assets) => statisticsOf(rider(assets), '', [ridden()]),
  '/statistics-bare': (assets) =>
    statisticsOf(rider(assets), 'by=calories', [
      ridden({ distance: null, climbing: null, time: null, calories: null, highest: null }),
    ]),
  '/statistics-quiet-year': (assets) => statisticsOf(rider(assets), 'year=2019&min_km=20', rideList()),
  '/statistics-not-found': (assets) => statisticsOf(rider(assets), 'q=<script>alert(1)</script>&min_climb=9000', []),
  '/statistics-routes-only': (assets) => statisticsOf(rider(assets), '', []),
  '/statistics-empty': (assets) =>
    statisticsOf(rider(assets, { sync: COPYING, queue: { pending: 930, active: 4 } }), '', [], 0, 0),

  '/map-nothing': (assets) =>
    mapPage({
      frame: rider(assets),
      view: readView(new URLSearchParams('q=<script>alert(1)</script>&as=heat'), '/map'),
      page: libraryPageOf([]),
      counts: COUNTS,
      tracks: 0,
      bounds: null,
    }),

  '/trips/1': (assets) =>
    itemPage({
      frame: rider(assets),
      item: trip({ id: '1' }),
      body: TRIP_BODY,
      summary: summaryFor('/trips/1'),
      providerUrl: 'https://ridewithgps.com/trips/1',
    }),
  '/routes/1': (assets) =>
    itemPage({
      frame: rider(assets),
      item: route({ id: '1', pinned: true }),
      body: ROUTE_BODY,
      summary: summaryFor('/routes/1'),
    }),
  '/trips/indoors': (assets) =>
    itemPage({
      frame: rider(assets),
      item: trip({ id: 'indoors', thumbnail: [], elevation_gain: null, locality: '', administrative_area: '' }),
      body: { name: 'Indoors' },
      summary: summaryFor('/trips/indoors'),
    }),
  '/trips/nothing': (assets) =>
    itemPage({
      frame: rider(assets),
      item: trip({ id: 'nothing', thumbnail: [], name: 'Typed in by hand' }),
      body: { name: 'Typed in by hand' },
      summary: summaryFor('/trips/nothing'),
    }),
  '/routes/hidden': (assets) =>
    itemPage({
      frame: rider(assets),
      item: route({ id: 'hidden', state: 'hidden', owned: false }),
      body: {},
      summary: summaryFor('/routes/hidden'),
    }),
  '/trips/imperial': (assets) =>
    itemPage({
      frame: { ...rider(assets), units: IMPERIAL },
      item: trip({ id: '1' }),
      body: TRIP_BODY,
      summary: summaryFor('/trips/1'),
    }),
  '/trips/deleted': (assets) =>
    tripPage(assets, { id: 'deleted', state: 'deleted', deleted_at: '2026-07-03T10:00:00Z' }),
  '/trips/point': (assets) => tripPage(assets, { id: 'point', name: 'A single point' }),
  '/trips/two-points': (assets) => tripPage(assets, { id: 'two-points', name: 'Two points' }),
  '/trips/broken': (assets) => tripPage(assets, { id: 'broken', name: 'A clock that jumps' }),
  '/trips/date-line': (assets) => tripPage(assets, { id: 'date-line', name: 'Taveuni' }),
  '/trips/far': (assets) => tripPage(assets, { id: 'far', name: 'Around the Alps' }),
  '/trips/long': (assets) => tripPage(assets, { id: 'long', name: 'A day of 100,000 points' }),
  '/trips/lost': (assets) => tripPage(assets, { id: 'lost' }),

  '/trips/1/history': (assets) =>
    historyPage({
      frame: rider(assets),
      item: trip({ id: '1' }),
      versions: versions(3),
      total: 3,
      passages: passages(),
    }),
  '/trips/1/history-middle': (assets) =>
    historyPage({ frame: rider(assets), item: trip({ id: '1' }), versions: versions(3), total: 200, passages: [] }),
  '/trips/1/history-none': (assets) =>
    historyPage({
      frame: rider(assets),
      item: trip({ id: '1', state: 'deleted' }),
      versions: [],
      total: 0,
      passages: [],
    }),
  '/trips/1/history/3': (assets) => compared(rider(assets), comparison()),
  '/trips/1/history/1': (assets) => {
    const [, , first] = versions(3);
    const data = { item: trip({ id: '1' }), against: undefined, total: 3, comparison: comparison({ line: null }) };
    return first ? comparisonPage({ frame: rider(assets), ...data, version: first }) : '';
  },
  '/why': (assets) => askWhyPage({ frame: rider(assets) }),
  '/why-not-understood': (assets) => askWhyPage({ frame: rider(assets), typed: 'over the hill' }),
  '/trips/1/why': (assets) => whyPage({ frame: rider(assets), why: why() }),
  '/trips/2/why': (assets) =>
    whyPage({
      frame: rider(assets, { account: { state: 'reconnect' }, sync: { state: 'reconnect' } }),
      why: why({ name: null, state: 'absent', events: [] }),
    }),

  '/sync': (assets) =>
    syncPage({
      frame: rider(assets),
      deadLetters: letters(),
      deletions: deletions(),
      runs: RUNS,
      announcedByDay: ANNOUNCED_DAYS,
      schedule: SCHEDULE,
    }),
  '/sync-polling': (assets) =>
    syncPage({
      frame: rider(assets, { sync: POLLING }),
      deadLetters: letters(),
      deletions: deletions(),
      runs: { ...RUNS, items: RUNS.items.map((each) => ({ ...each, unannounced: null })) },
      announcedByDay: ANNOUNCED_DAYS,
      schedule: SCHEDULE,
    }),
  '/sync-quiet': (assets) =>
    syncPage({
      frame: rider(assets, {
        sync: { webhooks: health({ quiet: { since: '2026-07-03T09:12:00.000Z', changes: 4 } }) },
      }),
      deadLetters: letters(),
      deletions: deletions(),
      runs: RUNS,
      announcedByDay: ANNOUNCED_DAYS,
      schedule: SCHEDULE,
    }),
  '/sync-different': (assets) =>
    syncPage({
      frame: rider(assets, { sync: { last_audit: { at: '2026-07-05T03:00:12Z', compared: 1247, different: 2 } } }),
      deadLetters: letters(),
      deletions: deletions(),
      runs: RUNS,
      announcedByDay: ANNOUNCED_DAYS,
      schedule: SCHEDULE,
    }),
  '/sync/runs': (assets) => runsPage(rider(assets), { ...RUNS, meta: { total: 120, page: 2, page_size: 50 } }),
  '/sync-copying': (assets) =>
    syncPage({
      frame: rider(assets, { sync: COPYING, queue: { pending: 930, active: 4 } }),
      deadLetters: letters(),
      deletions: deletions(),
      runs: RUNS,
      announcedByDay: ANNOUNCED_DAYS,
      schedule: SCHEDULE,
    }),
  '/sync-reconnect': (assets) =>
    syncPage({
      frame: rider(assets, { account: { state: 'reconnect' }, sync: { state: 'reconnect' }, queue: { parked: 3 } }),
      deadLetters: letters(),
      deletions: deletions(),
      runs: RUNS,
      announcedByDay: ANNOUNCED_DAYS,
      schedule: SCHEDULE,
    }),
  '/sync-troubled': (assets) =>
    syncPage({
      frame: rider(assets, { sync: { held: 2 }, queue: { dead: 2 } }),
      deadLetters: letters(
        deadLetter(),
        deadLetter({
          id: 13,
          kind: 'delivery',
          type: null,
          item_id: null,
          code: 'not_json',
          sentence: 'A signed webhook could not be read. The next reconciliation repairs what it was about.',
          evidence: '{"notifications":[{"user_id":4711,"item_type":"trip","item_id":90210}{"user_id":4711,},]}',
        }),
      ),
      deletions: deletions(
        [heldItem(), heldItem({ type: 'route', id: '31337', name: '', distance: null, happened_at: '' })],
        [heldItem({ id: '90211', name: 'Krvavec, slowly', since: '2026-06-30T11:00:00.000Z' })],
      ),
      runs: RUNS,
      announcedByDay: ANNOUNCED_DAYS,
      schedule: SCHEDULE,
    }),

  '/sources': (assets) => sourcesPage({ frame: owner(assets), cards: CARDS }),
  '/sources/tradegecko': (assets) =>
    recordsPage({
      frame: owner(assets),
      source: 'tradegecko',
      accounts: [
        { account: '7067', name: 'Gecko Inc.' },
        { account: '8', name: '' },
      ],
      view: { type: 'order', q: 'ana', page: 2 },
      page: recordList(...RECORDS),
      deletions: [
        { account: '7067', report: deletions([heldItem({ type: 'order', id: '5', name: '', distance: null })]) },
      ],
    }),
  '/sources-empty': (assets) =>
    recordsPage({
      frame: owner(assets),
      source: 'ecovelo',
      accounts: [],
      view: { page: 1 },
      page: recordList(),
      deletions: [],
    }),
  '/sources/tradegecko/order/90210': (assets) => recordPage({ frame: owner(assets), ...recordData() }),
  '/sources-deleted': (assets) =>
    recordPage({
      frame: owner(assets),
      ...recordData({ record: record({ state: 'deleted', deleted_at: '2026-07-04T10:00:00.000Z' }), body: undefined }),
    }),
  '/sources-absent': (assets) =>
    recordPage({
      frame: owner(assets),
      ...recordData({
        record: undefined,
        body: undefined,
        versions: [],
        total: 0,
        why: why({ name: null, state: 'absent', events: [] }),
      }),
    }),

  '/settings': (assets) =>
    settingsPage({
      maps: ['streets', 'remote'],
      languages: [ENGLISH, { ...ENGLISH, tag: 'de' }],
      frame: rider(assets),
      tokens: [
        { id: 1, name: 'Backup to the shed', createdAt: Date.parse('2026-06-01T10:00:00Z') },
        { id: 2, name: 'Spreadsheet', createdAt: Date.parse('2026-07-01T10:00:00Z') },
      ],
      newToken: { name: 'Kitchen display', token: 'slip_5f1c2ab09e4d7733a1b0c9d8e7f60514' },
      addresses: ADDRESSES,
    }),
  '/settings-disconnected': (assets) =>
    settingsPage({
      maps: [],
      languages: [ENGLISH],
      frame: rider(assets, { account: { state: 'disconnected' }, sync: { state: 'disconnected' } }),
      tokens: [],
      addresses: ADDRESSES,
    }),

  ...Object.fromEntries(
    Object.entries(MESSAGES).map(([name, message]) => [
      `/message-${name}`,
      (assets: Assets) => messagePage({ frame: visitor(assets), message }),
    ]),
  ),
  '/message-framed': (assets) => messagePage({ frame: rider(assets), message: MESSAGES.notFound }),
};

function compared(frame: RiderFrame, data: ReturnType<typeof comparison>): string {
  const [version, against] = versions(3);
  if (!version) throw new Error('There is no version.');
  return comparisonPage({ frame, item: trip({ id: '1' }), version, against, total: 4, comparison: data });
}

function tripPage(assets: Assets, changes: Partial<LibraryItem>): string {
  const item = trip(changes);
  return itemPage({ frame: rider(assets), item, body: TRIP_BODY, summary: summaryFor(`/trips/${item.id}`) });
}

function library(page: RiderFrame, address: string): string {
  return libraryPage({
    frame: page,
    view: readView(new URLSearchParams(address)),
    page: libraryPageOf(libraryItems(), 1247),
    counts: COUNTS,
  });
}

function emptyLibrary(page: RiderFrame, address: string, found: readonly number[] = []): string {
  return libraryPage({
    frame: page,
    view: readView(new URLSearchParams(address)),
    page: libraryPageOf([]),
    counts: { active: 0, hidden: 0, deleted: 0 },
    found,
  });
}

function statisticsOf(page: RiderFrame, address: string, rides: Ridden[], ofOthers = 0, items = 1247): string {
  const view = readStatisticsView(new URLSearchParams(address));
  const { facets } = libraryPageOf(rides.length > 0 ? [trip()] : []);
  return statisticsPage({ frame: page, view, statistics: statistics(rides, view.year), facets, ofOthers, items });
}

/** The rendered pages with addresses that do not exist, for tests that need no browser. */
export function rendered(): [address: string, markup: string][] {
  return Object.entries(PAGES).map(([address, page]) => [address, page(ASSETS)]);
}
