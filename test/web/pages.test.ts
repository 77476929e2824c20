import { describe, expect, test } from 'vitest';
import { itemPage } from '../../src/web/item.ts';
import { libraryPage } from '../../src/web/library.ts';
import { BEGINNING, readView, viewHref, viewQuery } from '../../src/web/library-view.ts';
import { ENGLISH } from '../../src/web/say.ts';
import { settingsPage } from '../../src/web/settings.ts';
import { syncPage } from '../../src/web/sync.ts';
import {
  ANNOUNCED_DAYS,
  deadLetter,
  deletions,
  frame,
  heldItem,
  letters,
  libraryPageOf,
  POLLING,
  ROUTE_BODY,
  RUNS,
  run,
  runs,
  TRIP_BODY,
  trip,
} from './fixtures.ts';
import { rendered } from './gallery.ts';

const HOSTILE = `"><script>alert(1)</script><img src=x onerror='alert(2)'>`;

describe.each(rendered())('the page %s', (_address, markup) => {
  test('is a whole document with one heading of its own', () => {
    expect(markup).toMatch(/^<!doctype html>/);
    expect(markup).toMatch(/<\/html>\s*$/);
    expect(markup.match(/<h1/g)).toHaveLength(1);
    expect(markup).not.toMatch(/undefined|NaN|\[object|Infinity/);
  });

  test('has no script, style or handler inline, so that the strict policy holds', () => {
    expect(markup).not.toMatch(/<script(?![^>]*\ssrc=)/);
    expect(markup).not.toMatch(/<style|\sstyle=|\son\w+=|javascript:/i);
  });

  test('asks no other origin for anything', () => {
    expect(markup).not.toMatch(/(?:src|data|action|srcset)="(?!\/)/);
    expect(markup).not.toMatch(/<link[^>]*href="(?!\/)/);
  });
});

test('names and texts full of script stay text on every page', () => {
  const item = trip({ name: HOSTILE, locality: HOSTILE, description: HOSTILE, id: HOSTILE });
  const body = {
    ...ROUTE_BODY,
    description: HOSTILE,
    [HOSTILE]: HOSTILE,
    gear: { make: HOSTILE },
    course_points: [{ t: HOSTILE, n: HOSTILE }],
  };
  const hostile = frame({ account: { name: HOSTILE, user_id: HOSTILE }, sync: { user_id: HOSTILE } });
  const pages = [
    itemPage({ frame: hostile, item, body, providerUrl: `https://example.org/${HOSTILE}` }),
    libraryPage({
      frame: hostile,
      view: readView(new URLSearchParams({ q: HOSTILE })),
      page: libraryPageOf([item]),
      counts: { active: 1, hidden: 0, deleted: 0 },
    }),
    libraryPage({
      frame: hostile,
      view: readView(new URLSearchParams({ q: HOSTILE })),
      page: libraryPageOf([]),
      counts: { active: 1, hidden: 0, deleted: 0 },
    }),
    syncPage({
      frame: hostile,
      deadLetters: letters(deadLetter({ sentence: HOSTILE, code: HOSTILE, item_id: HOSTILE, evidence: HOSTILE })),
      deletions: deletions(
        [heldItem({ id: HOSTILE, name: HOSTILE })],
        [heldItem({ id: HOSTILE, name: HOSTILE, happened_at: HOSTILE })],
      ),
      runs: runs(
        run({
          failed: HOSTILE,
          items: [{ type: 'trip', id: HOSTILE, why: 'changed', name: HOSTILE }],
        }),
        run({ items: [{ type: 'trip', id: HOSTILE, why: 'missing-here', name: null }] }),
      ),
      announcedByDay: ANNOUNCED_DAYS,
      schedule: { reconcile: HOSTILE, audit: HOSTILE },
    }),
    settingsPage({
      maps: ['streets', 'remote'],
      languages: [ENGLISH],
      frame: hostile,
      tokens: [{ id: 1, name: HOSTILE, createdAt: 0 }],
      newToken: { name: HOSTILE, token: HOSTILE },
      addresses: { redirectUrl: HOSTILE, webhookUrl: HOSTILE },
    }),
  ];
  for (const page of pages) {
    expect(page).not.toContain('<script>alert');
    expect(page).not.toContain('<img');
    expect(page).toContain('&lt;script&gt;');
  }
});

test('an item shows what its provider sent, known or not, and never a privacy code', () => {
  const page = itemPage({
    frame: frame(),
    item: trip(),
    body: {
      ...TRIP_BODY,
      brand_new_key: 'brand new value',
      odd: { deep: [1], made_at: '2023-06-22T13:46:33Z' },
      constructor: 'of the bridge',
    },
  });
  expect(page).toContain('203\u202fW');
  expect(page).toContain('Basso Palta');
  expect(page).toContain('Brand new key');
  expect(page).toContain('brand new value');
  expect(page).toContain('<dt>Odd, deep</dt><dd>1</dd>');
  expect(page).toContain('<dt>Odd, made at</dt><dd>2023-06-22 13:46:33 UTC</dd>');
  expect(page).toContain('<dt>Constructor</dt><dd>of the bridge</dd>');
  expect(page).toContain('<dt>Gear, make</dt><dd>Basso</dd>');
  expect(page).toContain('Hairpin 11');
  expect(page).not.toContain('never-shown');
});

test('the raw object is on the page as it came, without its points and its code, and its end is cut where it is long', () => {
  const page = itemPage({ frame: frame(), item: trip({ id: '7' }), body: TRIP_BODY });
  const shown = unescaped(/<pre[^>]*>([\s\S]*?)<\/pre>/.exec(page)?.[1] ?? '');
  const { privacy_code: _, ...rest } = TRIP_BODY;
  expect(JSON.parse(shown)).toEqual(rest);
  expect(page).toContain('<a href="/api/v1/trips/7.json" download>the whole of it as a file</a>');
  const long = itemPage({ frame: frame(), item: trip(), body: { notes: Array.from({ length: 40_000 }, () => '<b>') } });
  expect(long).toContain('The rest is in the file.');
  expect(long).not.toContain('<b>');
  expect(unescaped(/<pre[^>]*>([\s\S]*?)<\/pre>/.exec(long)?.[1] ?? '').length).toBeLessThan(66_000);
});

function unescaped(markup: string): string {
  return markup.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

test('a ride is dated where it was ridden', () => {
  const lateInTokyo = { departed_at: '2026-07-03T22:30:00Z' };
  expect(itemPage({ frame: frame(), item: trip(lateInTokyo), body: { time_zone: 'Asia/Tokyo' } })).toContain(
    'Sat 4 July 2026',
  );
  expect(itemPage({ frame: frame(), item: trip(lateInTokyo), body: { time_zone: 'not/a zone' } })).toContain(
    'Fri 3 July 2026',
  );
});

test('a deleted item says so in a sentence, with its time', () => {
  const page = itemPage({
    frame: frame(),
    item: trip({ state: 'deleted', deleted_at: '2026-07-03T12:00:00Z' }),
    body: TRIP_BODY,
  });
  expect(page).toMatch(
    /Deleted at Ride With GPS; seen here <time datetime="2026-07-03T12:00:00.000Z"[^>]*>2 days ago</,
  );
});

test('an account that must be connected again is told so on every page', () => {
  const broken = frame({ account: { state: 'reconnect' }, sync: { state: 'reconnect' } });
  const pages = [
    itemPage({ frame: broken, item: trip(), body: {} }),
    libraryPage({
      frame: broken,
      view: readView(new URLSearchParams()),
      page: libraryPageOf([]),
      counts: { active: 0, hidden: 0, deleted: 0 },
    }),
    syncPage({
      frame: broken,
      deadLetters: letters(),
      deletions: deletions(),
      runs: RUNS,
      announcedByDay: ANNOUNCED_DAYS,
      schedule: { reconcile: '*/15 * * * *', audit: 'off' },
    }),
    settingsPage({
      frame: broken,
      maps: [],
      languages: [ENGLISH],
      tokens: [],
      addresses: { redirectUrl: '', webhookUrl: '' },
    }),
  ];
  for (const page of pages) expect(page).toContain('<a class="button" href="/connect/ridewithgps">Connect again</a>');
});

test('an account of a configured token is not sent to a connection that it has not', () => {
  const broken = frame({ account: { state: 'reconnect', tokenKind: 'auth-token' }, sync: { state: 'reconnect' } });
  const page = libraryPage({
    frame: broken,
    view: readView(new URLSearchParams()),
    page: libraryPageOf([]),
    counts: { active: 0, hidden: 0, deleted: 0 },
  });
  expect(page).toContain('RWGPS_AUTH_TOKEN');
  expect(page).not.toContain('href="/connect/ridewithgps"');
});

test('polling is calm: how often it checks, no drift, no alarm', () => {
  const page = syncPage({
    frame: frame({ sync: POLLING }),
    deadLetters: letters(),
    deletions: deletions(),
    runs: RUNS,
    announcedByDay: ANNOUNCED_DAYS,
    schedule: { reconcile: '*/15 * * * *', audit: '0 3 * * *' },
  });
  expect(page).toContain('class="verdict" data-tone="good"');
  expect(page).toContain('checked every 15 minutes');
  expect(page).toContain('Not counted');
  expect(page).not.toContain('Announced by webhook');
});

test.each(['reconnect', 'disconnected'] as const)(
  'an account in the state %s is not said to be asked or told anything',
  (state) => {
    const page = syncPage({
      frame: frame({ account: { state }, sync: { ...POLLING, state } }),
      deadLetters: letters(),
      deletions: deletions(),
      runs: RUNS,
      announcedByDay: ANNOUNCED_DAYS,
      schedule: { reconcile: '*/15 * * * *', audit: '0 3 * * *' },
    });
    expect(page).toContain('Waits until you connect again');
    expect(page).not.toMatch(/every 15 minutes|every day at/);
  },
);

describe('the library', () => {
  const shown = (address: string, found: readonly number[] = [], items = [trip()]) =>
    libraryPage({
      frame: frame(),
      view: readView(new URLSearchParams(address)),
      page: libraryPageOf(items),
      counts: { active: 1, hidden: 0, deleted: 0 },
      found,
    });

  test('has month headings only in the order of time', () => {
    expect(shown('')).toContain('July 2026</span>');
    expect(shown('order=asc')).toContain('July 2026</span>');
    for (const sort of ['distance', 'climbing', 'time', 'name', 'updated'])
      expect(shown(`sort=${sort}`)).not.toContain('class="month"');
  });

  test('keeps everything that is set in each link and each form', () => {
    const markup = shown('show=trips&q=fog&min_km=20&gear=3&sort=distance&order=asc');
    const links = [...markup.matchAll(/href="(\/library\?[^"]*)"/g)].map(([, href = '']) =>
      href.replaceAll('&amp;', '&'),
    );
    const views = links.map((href) => readView(new URL(href, 'http://x').searchParams));
    expect(views.length).toBeGreaterThan(20);
    // Each link changes one thing, and "Clear all" the filters.
    const whole = readView(new URLSearchParams('show=trips&q=fog&min_km=20&gear=3&sort=distance&order=asc'));
    for (const { tab, q, filters, sort } of views) {
      const changed = [
        tab !== whole.tab,
        sort !== whole.sort,
        JSON.stringify(filters) !== JSON.stringify(whole.filters),
      ];
      expect(changed.filter(Boolean).length).toBeLessThan(2);
      expect(q).toBe('fog');
    }
    for (const [form] of markup.matchAll(/<form class="(?:search|range)".*?<\/form>/gs)) {
      expect(form).toMatch(/name="show" value="trips"/);
      for (const name of ['q', 'min_km', 'gear', 'sort', 'order']) expect(form.split(`name="${name}"`)).toHaveLength(2);
    }
  });

  test('says in words what it is limited to', () => {
    const markup = shown(
      'from=2025-01-01&to=2025-12-31&max_km=60&min_climb=500&max_climb=900&gear=3&country=SI&visibility=public',
    );
    const chips = [...markup.matchAll(/<summary class="chip"[^>]* data-set>(.*?)<svg/gs)].map(([, chip = '']) =>
      chip.replace(/<[^>]+>/g, '').trim(),
    );
    expect(chips).toEqual([
      'Date: 2025',
      'Distance: up to 60\u202fkm',
      'Climbing: 500–900\u202fm',
      'Gear: Basso Palta',
      'Place: Slovenia',
      'Visibility: Public',
    ]);
    expect(shown('from=2026-07-01')).toContain('from 1 Jul 2026');
  });

  test('that finds nothing says which filter to drop, and what would be found then', () => {
    const markup = shown('show=routes&q=fog&min_km=200&gear=4', [0, 3, 0, 1], []);
    expect(markup).toContain('Nothing among routes has “fog” in it and matches the filters.');
    const ways = [...markup.matchAll(/<li><a href="([^"]*)">([^<]*)<\/a> <span class="quiet">([^<]*)</g)].map(
      ([, href, words, items]) => [href?.replaceAll('&amp;', '&'), words, items],
    );
    expect(ways).toEqual([
      ['/library?show=routes&q=fog&gear=4', 'At any distance', '3 items'],
      ['/library?q=fog&min_km=200&gear=4', 'Among everything', '1 item'],
    ]);
  });

  test('of a rider without any ride has nothing to choose, and no filters', () => {
    const markup = shown('', [], []);
    expect(markup).not.toContain('class="filters"');
    expect(markup).toContain('There are no routes or trips in your Ride With GPS library yet.');
  });
});

test('the address of a library view is read as it is written, and nonsense is the beginning', () => {
  for (const address of [
    '/library',
    '/library?show=trips&q=gravel+%26+mud&page=3',
    '/library?show=deleted',
    '/library?q=a&from=2026-01-01&min_km=1.5&gear=%2F&sort=name&order=desc',
  ]) {
    expect(viewHref(readView(new URL(address, 'http://x').searchParams))).toBe(address);
  }
  expect(
    readView(
      new URLSearchParams(
        'show=constructor&page=-4&q=%20&sort=luck&order=up&from=2026-99-01&min_km=-1&max_climb=x&gear=%20',
      ),
    ),
  ).toEqual(BEGINNING);
  expect(readView(new URLSearchParams('from=2026-02-31&to=2025-02-29'))).toEqual(BEGINNING);
  expect(readView(new URLSearchParams(`page=${'9'.repeat(30)}`)).page).toBe(1_000_000);
  expect(viewQuery({ ...BEGINNING, tab: 'pinned', page: 2 })).toMatchObject({
    types: ['route', 'trip'],
    state: 'active',
    pinned: true,
    page: 2,
  });
});
