import { expect, onTestFinished, test } from 'vitest';
import { countryName } from '../../src/web/formats.ts';
import { attribute } from '../../src/web/item-attributes.ts';
import { itemDay, itemName } from '../../src/web/item-words.ts';
import { totals } from '../../src/web/library.ts';
import { months } from '../../src/web/months.ts';
import { ENGLISH, speak } from '../../src/web/say.ts';
import { thumbnail } from '../../src/web/thumbnail.ts';
import { relative, rideMonth } from '../../src/web/times.ts';
import { counted, duration, IMPERIAL, inWords, latency, METRIC, span } from '../../src/web/units.ts';
import { libraryPageOf, NOW, route, trip } from './fixtures.ts';

test('measures have a thin space and a small unit', () => {
  expect(inWords(METRIC.distance(64_210))).toBe('64.2\u202fkm');
  expect(inWords(METRIC.distance(1_234_567))).toBe('1,234.6\u202fkm');
  expect(inWords(METRIC.height(1_284.4))).toBe('1,284\u202fm');
  expect(inWords(duration(10_820))).toBe('3:00\u202fh');
  expect(inWords(duration(59))).toBe('0:01\u202fh');
  expect([640, 1_830, 240_000].map(latency).map(inWords)).toEqual(['640\u202fms', '1.8\u202fs', '4\u202fmin']);
});

test('a large total is short: no tenths from 10,000 kilometres or miles on, no minutes from 1,000 hours on', () => {
  expect([9_999_900, 9_999_960, 1_599_640_000].map(METRIC.distance).map(inWords)).toEqual([
    '9,999.9\u202fkm',
    '10,000\u202fkm',
    '1,599,640\u202fkm',
  ]);
  expect(inWords(IMPERIAL.distance(20_000 * 1609.344))).toBe('20,000\u202fmi');
  expect([3_599_940, 3_600_000, 266_605_440].map(duration).map(inWords)).toEqual([
    '999:59\u202fh',
    '1,000\u202fh',
    '74,057\u202fh',
  ]);
});

test('spans are rounded to what matters and never say "60 seconds"', () => {
  expect([0.2, 1, 40, 59.6, 61, 3_590, 7_300, 86_400 * 3, 86_400 * 45, 86_400 * 800].map(span)).toEqual([
    '1 second',
    '1 second',
    '40 seconds',
    '1 minute',
    '1 minute',
    '1 hour',
    '2 hours',
    '3 days',
    '2 months',
    '2 years',
  ]);
  expect(counted(1, 'ride')).toBe('1 ride');
  expect(counted(1_247, 'ride')).toBe('1,247 rides');
});

test('times are relative in both directions', () => {
  expect(relative(new Date(NOW.getTime() - 180_000), NOW)).toBe('3 minutes ago');
  expect(relative(new Date(NOW.getTime() + 240_000), NOW)).toBe('in 4 minutes');
  expect(relative(NOW, NOW)).toBe('just now');
});

test('the month of a ride is the month on the wall where it was ridden', () => {
  expect(rideMonth('2026-06-30T23:30:00-08:00')).toBe('June 2026');
  expect(rideMonth('what is this')).toBe('what is this');
});

test('a month has totals of what was ridden, and only where the page has the whole of it', () => {
  const july = [
    trip({ distance: 10_000, elevation_gain: 100 }),
    route(),
    trip({ distance: 20_000, elevation_gain: null }),
  ];
  const june = [trip({ departed_at: '2026-06-02T08:00:00Z' })];
  const whole = months(libraryPageOf([...july, ...june]));
  expect(whole.map(({ heading, ridden }) => [heading, ridden?.distance])).toEqual([
    ['July 2026', 30_000],
    ['June 2026', 64_210],
  ]);
  const cut = months(libraryPageOf([...july, ...june], 1247));
  expect(cut.map(({ ridden }) => ridden?.trips)).toEqual([2, undefined]);
});

test('miles and feet, where they are wanted', () => {
  expect(inWords(IMPERIAL.distance(160_934.4))).toBe('100.0\u202fmi');
  expect(inWords(IMPERIAL.height(1_609.344))).toBe('5,280\u202fft');
  expect(inWords(IMPERIAL.speed(32.18688))).toBe('20.0\u202fmph');
  expect(inWords(IMPERIAL.temperature(-40))).toBe('-40\u202f°F');
  expect(inWords(IMPERIAL.steepness(0.01))).toBe('53\u202fft/mi');
});

test('items are spoken of in the language of who looks, constants and the words of the provider too', () => {
  const texts = {
    '{0} items': { one: 'ein Ding', other: 'Dinge: {0}' },
    'edited {0}': 'am {0} geändert',
    'Unnamed route': 'Route ohne Namen',
    Visibility: 'Sichtbar für',
    'Friends only': 'Freunde',
  };
  speak(() => ({ tag: 'de', dates: 'de-DE', texts }));
  onTestFinished(() => speak(() => ENGLISH));
  const item = route({ name: ' ', updated_at: '2026-07-04T10:00:00Z' });
  expect([itemName(item), itemDay(item)]).toEqual(['Route ohne Namen', 'am Sa. 4. Juli 2026 geändert']);
  expect(attribute('visibility', 'friends_only', METRIC)).toEqual({ label: 'Sichtbar für', text: 'Freunde' });
  expect(attribute('visibility', 'club_only', METRIC).text).toBe('Club only');
  expect([countryName('SI', 'Slovenia'), countryName('Narnia', 'Narnia')]).toEqual(['Slowenien', 'Narnia']);
  const found = (count: number) =>
    totals({ totals: { count, distance: 0, climbing: 0, moving_time: 0 } }, METRIC).markup;
  expect(found(1_247)).toContain('>Dinge: <strong>1.247</strong></span>');
  expect(found(1)).toContain('>ein Ding</span>');
});

test('a ride that was in one place only is a dot in the list, and one without positions has no line', () => {
  const dot = [24, 24] as const;
  expect(thumbnail([dot, dot]).markup).toContain('class="track place"');
  expect(thumbnail([dot, [25, 24]]).markup).toContain('class="track"');
  expect(thumbnail([]).markup).toContain('class="no-track"');
});
