import { afterEach, describe, expect, test } from 'vitest';
import type { Ridden } from '../../src/storage/statistics.ts';
import { readView, viewQuery } from '../../src/web/library-view.ts';
import { ENGLISH, speak } from '../../src/web/say.ts';
import { statisticsPage } from '../../src/web/statistics/page.ts';
import { readStatisticsView, statisticsHref } from '../../src/web/statistics/view.ts';
import { spanWords } from '../../src/web/statistics/words.ts';
import { IMPERIAL, METRIC, type Units } from '../../src/web/units.ts';
import { frame, libraryPageOf, trip } from './fixtures.ts';
import { ridden, rideList, statistics } from './ridden.ts';

const HOSTILE = `"><script>alert(1)</script><img src=x onerror='alert(2)'>`;
const { facets } = libraryPageOf([trip()]);

function shown(address: string, rides: Ridden[] = rideList(), units: Units = METRIC, ofOthers = 0): string {
  const view = readStatisticsView(new URLSearchParams(address));
  const figures = statistics(rides, view.year);
  return statisticsPage({ frame: { ...frame(), units }, view, statistics: figures, facets, ofOthers, items: 12 });
}

const plain = (markup: string) => markup.replace(/<[^>]+>/g, ' ').replace(/[ \n]+/g, ' ');
const hrefs = (markup: string, path: string) =>
  [...markup.matchAll(/href="([^"]*)"/g)]
    .map(([, href = '']) => href.replaceAll('&amp;', '&'))
    .filter((href) => href.startsWith(path));

test('bikes and rides full of script stay text', () => {
  const kinds = new Map([[1, { activity: HOSTILE, gear: HOSTILE, gearName: HOSTILE }]]);
  const view = readStatisticsView(new URLSearchParams({ q: HOSTILE, gear: HOSTILE }));
  const figures = statistics([ridden()], undefined, kinds);
  const named = { ...figures, records: figures.records.map((record) => ({ ...record, id: HOSTILE, name: HOSTILE })) };
  const page = statisticsPage({ frame: frame(), view, statistics: named, facets, ofOthers: 0, items: 1 });
  expect(page).not.toContain('<script>alert');
  expect(page).not.toContain('<img');
  expect(page.split('&lt;script&gt;').length).toBeGreaterThan(8);
});

test('each link to the library limits it to the trips of the rider, to the filters, and to no day outside of the year', () => {
  const markup = shown('year=2025&q=fog&min_km=20&from=2025-03-10&to=2025-11-20');
  const links = hrefs(markup, '/library?').map((href) => readView(new URL(href, 'http://x').searchParams));
  expect(links.length).toBeGreaterThan(100);
  for (const view of links) {
    expect(viewQuery(view)).toMatchObject({
      types: ['trip'],
      state: 'active',
      owned: true,
      q: 'fog',
      distanceMin: 20_000,
    });
    const { from = '', to = '' } = view.filters;
    expect([from >= '2025-03-10', to <= '2025-11-20', from.slice(0, 4), to.slice(0, 4)]).toEqual([
      ...[true, true, '2025', '2025'],
    ]);
  }
});

test('each link to other statistics changes one thing and keeps the rest', () => {
  const address = 'q=fog&min_km=20&year=2025&by=time';
  const links = hrefs(shown(address), '/statistics?').map((href) => new URL(href, 'http://x').searchParams);
  expect(links.length).toBeGreaterThan(15);
  const whole = [...new URLSearchParams(address)];
  for (const link of links) {
    expect(link.get('q')).toBe('fog');
    expect(whole.filter(([name, value]) => link.get(name) !== value).length).toBeLessThan(2);
  }
  for (const [form] of shown(address).matchAll(/<form class="(?:search|range)".*?<\/form>/gs)) {
    expect(form).toContain('action="/statistics"');
    for (const name of ['q', 'min_km', 'year', 'by']) expect(form.split(`name="${name}"`)).toHaveLength(2);
  }
});

test('an address that is nonsense is the beginning, and a year outside of the days that are asked for is none', () => {
  const read = (address: string) => readStatisticsView(new URLSearchParams(address));
  const { library, ...others } = read('year=26&by=luck&show=deleted&whose=mine&sort=name&page=7');
  expect(others).toEqual({ year: undefined, by: 'distance' });
  expect(library).toMatchObject({ tab: 'all', filters: {}, sort: 'date', page: 1 });
  expect(read('year=2024&from=2025-01-01&to=2025-12-31').year).toBe(undefined);
  expect(read('year=2025&from=2024-07-01&to=2025-06-30').year).toBe('2025');
  expect(statisticsHref(read('year=all&by=rides&gear=4'), { by: 'distance' })).toBe('/statistics?gear=4&year=all');
});

describe('the figures', () => {
  test('are compared with the year before up to the same day, and only where there is one', () => {
    expect(plain(shown(''))).toContain('Compared with 2025 up to 5 Jul 2025.');
    expect(plain(shown('year=2025'))).toContain('Compared with 2024.');
    expect(plain(shown('year=all'))).not.toContain('Compared');
  });

  test('that no bar can show are still rides: one without any figure', () => {
    const markup = shown('', [ridden({ distance: null, climbing: null, time: null, calories: null, highest: null })]);
    expect(plain(markup)).toMatch(/Rides 1 /);
    expect(plain(markup)).toContain('For 1 it takes 1 more day of at least 1\u202fkm.');
    expect(markup).not.toMatch(/NaN|Infinity/);
  });

  test('have an Eddington number in the units of the reader', () => {
    const rides = Array.from({ length: 40 }, (_, at) =>
      ridden({ distance: 30_000, at: new Date(Date.parse('2026-01-01') + at * 86_400_000).toISOString() }),
    ).reverse();
    expect(plain(shown('', rides))).toContain('On 30 days you rode at least 30\u202fkm. For 31 it takes 31 more days');
    expect(plain(shown('', rides, IMPERIAL))).toContain('On 18 days you rode at least 18\u202fmi.');
  });

  test('say what they leave out: rides without a date in a year, and rides of others', () => {
    expect(plain(shown('year=all'))).toContain('1 of them without a date');
    expect(plain(shown('year=all', rideList(), METRIC, 2))).toContain('2 pinned trips of other riders are not counted');
  });
});

test('every chart is a table too, with the same bars', () => {
  const markup = shown('by=climbing');
  const bars = [...markup.matchAll(/class="bar"[^>]*aria-label="([^":]+): ([^";]+)/g)];
  expect(bars.length).toBeGreaterThan(60);
  const tables = plain([...markup.matchAll(/<table class="sums">.*?<\/table>/gs)].map(([table]) => table).join(' '));
  for (const [, , value = ''] of bars.filter(([, , value]) => value !== '0\u202fm')) {
    expect(tables).toContain(value.replace('\u202fm', ' \u202fm'));
  }
});

test('a year is one stop of the tab key, and a row of weeks another', () => {
  const markup = shown('');
  for (const [, group = ''] of markup.matchAll(/data-roving>(.*?)<\/section>/gs)) {
    const links = group.slice(0, group.indexOf('<details')).match(/<a /g) ?? [];
    const skipped = group.slice(0, group.indexOf('<details')).match(/tabindex="-1"/g) ?? [];
    expect(links.length).toBeGreaterThan(10);
    expect(skipped.length).toBe(links.length - 1);
  }
});

test('a rider who has only planned, or nothing at all, is told what is missing, and has nothing to choose', () => {
  const page = (items: number, address = '') => {
    const view = readStatisticsView(new URLSearchParams(address));
    return statisticsPage({ frame: frame(), view, statistics: statistics([]), facets, ofOthers: 0, items });
  };
  expect(plain(page(12))).toContain('There are no rides of yours to count yet.');
  expect(plain(page(0))).toContain('There is nothing to count yet.');
  for (const markup of [page(0), page(12)]) expect(markup).not.toMatch(/class="(?:chips|filters|search)/);
  expect(plain(page(12, 'gear=4&year=2020'))).toContain('No ride matches the filters.');
});

describe('in another language', () => {
  afterEach(() => speak(() => ENGLISH));

  const TEXTS = {
    '{0} by month of {1}': '{0} nach Monaten von {1}',
    Climbing: 'Höhenmeter',
    Mondays: 'Montage',
    'Months as a table': 'Monate als Tabelle',
    '{0} rides': { one: '{0} Fahrt', other: '{0} Fahrten' },
    '{0}: {1} in {2}': '{0}: {2}, {1}',
  };

  test('months, weekdays and spans are those of its calendar, and what it has no text for is English', () => {
    speak(() => ({ tag: 'de', dates: 'de-DE', texts: TEXTS }));
    const year = plain(shown('by=climbing').replaceAll(/ (?:aria-label|title)="([^"]*)"/g, '>$1<'));
    expect(year).toContain('Höhenmeter nach Monaten von 2026');
    expect(year).toMatch(/Montage: [\d.]+\u202fm/);
    expect(year).toMatch(/März 2026: [\d.]+\u202fm/);
    expect(year).toContain('Monate als Tabelle');
    expect(year).toContain('Days of the week');
    expect(year).not.toMatch(/Monday|\b(?:March|May|June)\b/);
    expect(shown('year=all')).toContain('<abbr title="März">M</abbr>');
    expect(shown('by=climbing', [ridden(), ridden()])).toMatch(/<title>[^<]+: 2 Fahrten, /);
    expect(shown('')).toMatch(/<span class="scale"[^>]*>\d+\u202fkm</);
  });

  test('a span is as short as its dates allow', () => {
    const spans = () =>
      [
        ['2026-07-06', '2026-07-12'],
        ['2026-06-29', '2026-07-05'],
        ['2025-12-29', '2026-01-04'],
        ['2026-07-04', '2026-07-04'],
      ].map(([from = '', to = '']) => spanWords({ from, to }));
    expect(spans()).toEqual(['6–12 Jul 2026', '29 Jun–5 Jul 2026', '29 Dec 2025–4 Jan 2026', '4 Jul 2026']);
    speak(() => ({ tag: 'de', dates: 'de-DE', texts: {} }));
    expect(spans()).toEqual([
      '6.–12. Juli 2026',
      '29. Juni–5. Juli 2026',
      '29. Dez. 2025–4. Jan. 2026',
      '4. Juli 2026',
    ]);
  });
});
