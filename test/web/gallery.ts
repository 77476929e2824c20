import type { Assets } from '../../src/web/assets.ts';
import type { RiderFrame } from '../../src/web/frame.ts';
import { itemPage } from '../../src/web/item.ts';
import { landingPage } from '../../src/web/landing.ts';
import { libraryPage } from '../../src/web/library.ts';
import { readView } from '../../src/web/library-view.ts';
import { mapPage } from '../../src/web/map.ts';
import { MESSAGES, messagePage } from '../../src/web/message.ts';
import { settingsPage } from '../../src/web/settings.ts';
import { syncPage } from '../../src/web/sync.ts';
import { METRIC } from '../../src/web/units.ts';
import {
  ASSETS,
  COPYING,
  deadLetter,
  deletions,
  frame,
  heldItem,
  letters,
  libraryItems,
  libraryPageOf,
  NOW,
  POLLING,
  ROUTE_BODY,
  route,
  TRIP_BODY,
  trip,
} from './fixtures.ts';

/** Every page in every state that it has, by address. Tests render them all; screenshots look at them all. */

const COUNTS = { active: 1247, hidden: 3, deleted: 12 };
const SCHEDULE = { reconcile: '*/15 * * * *', audit: '0 3 * * *' };
const ADDRESSES = {
  redirectUrl: 'https://rides.example.org/connect/ridewithgps/callback',
  webhookUrl: 'https://rides.example.org/webhooks/ridewithgps',
};

const visitor = (assets: Assets) => ({ assets, now: NOW, units: METRIC, theme: '' }) as const;
const rider = (assets: Assets, changes?: Parameters<typeof frame>[0]): RiderFrame => ({ ...frame(changes), assets });

export const PAGES: Record<string, (assets: Assets) => string> = {
  '/landing': (assets) => landingPage({ frame: visitor(assets), door: 'open' }),
  '/landing-first': (assets) => landingPage({ frame: visitor(assets), door: 'open', firstRun: ADDRESSES }),
  '/landing-code': (assets) =>
    landingPage({ frame: visitor(assets), door: 'set-up-code', wrongCode: true, firstRun: ADDRESSES }),
  '/landing-closed': (assets) => landingPage({ frame: visitor(assets), door: 'closed' }),
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
      providerUrl: 'https://ridewithgps.com/trips/1',
    }),
  '/routes/1': (assets) => itemPage({ frame: rider(assets), item: route({ id: '1', pinned: true }), body: ROUTE_BODY }),
  '/trips/deleted': (assets) =>
    itemPage({
      frame: rider(assets),
      item: trip({ id: 'deleted', state: 'deleted', deleted_at: '2026-07-03T10:00:00Z' }),
      body: TRIP_BODY,
    }),
  '/trips/indoors': (assets) =>
    itemPage({
      frame: rider(assets),
      item: trip({ id: 'indoors', thumbnail: [], elevation_gain: null, locality: '', administrative_area: '' }),
      body: { name: 'Indoors' },
    }),
  '/routes/hidden': (assets) =>
    itemPage({ frame: rider(assets), item: route({ id: 'hidden', state: 'hidden', owned: false }), body: {} }),
  '/trips/date-line': (assets) =>
    itemPage({ frame: rider(assets), item: trip({ id: 'date-line', name: 'Taveuni' }), body: TRIP_BODY }),
  '/trips/far': (assets) =>
    itemPage({ frame: rider(assets), item: trip({ id: 'far', name: 'Around the Alps' }), body: TRIP_BODY }),
  '/trips/long': (assets) =>
    itemPage({ frame: rider(assets), item: trip({ id: 'long', name: 'A day of 100,000 points' }), body: TRIP_BODY }),
  '/trips/lost': (assets) => itemPage({ frame: rider(assets), item: trip({ id: 'lost' }), body: TRIP_BODY }),

  '/sync': (assets) =>
    syncPage({ frame: rider(assets), deadLetters: letters(), deletions: deletions(), schedule: SCHEDULE }),
  '/sync-polling': (assets) =>
    syncPage({
      frame: rider(assets, { sync: POLLING }),
      deadLetters: letters(),
      deletions: deletions(),
      schedule: SCHEDULE,
    }),
  '/sync-copying': (assets) =>
    syncPage({
      frame: rider(assets, { sync: COPYING, queue: { pending: 930, active: 4 } }),
      deadLetters: letters(),
      deletions: deletions(),
      schedule: SCHEDULE,
    }),
  '/sync-reconnect': (assets) =>
    syncPage({
      frame: rider(assets, { account: { state: 'reconnect' }, sync: { state: 'reconnect' }, queue: { parked: 3 } }),
      deadLetters: letters(),
      deletions: deletions(),
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
      schedule: SCHEDULE,
    }),

  '/settings': (assets) =>
    settingsPage({
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

/** The rendered pages with addresses that do not exist, for tests that need no browser. */
export function rendered(): [address: string, markup: string][] {
  return Object.entries(PAGES).map(([address, page]) => [address, page(ASSETS)]);
}
