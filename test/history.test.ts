import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Point } from '../src/export/ride.ts';
import { type Comparison, compareVersions, linesOf } from '../src/history/compare.ts';
import { cueChanges } from '../src/history/cues.ts';
import { besideEachOther, lineChange, type Place, placesOf, thinned } from '../src/history/line.ts';
import { type Step, stepsOf } from '../src/history/steps.ts';
import { applySnapshot } from '../src/mirror.ts';
import { describeRide } from '../src/sources/ridewithgps/describe.ts';
import type { Account } from '../src/storage/accounts.ts';
import type { Passage, Revision } from '../src/storage/history.ts';
import type { MirrorWriter } from '../src/storage/mirror.ts';
import { openMirrorForWriting } from '../src/storage/sqlite/mirror.ts';
import { changeInWords, learntInWords } from '../src/web/history-words.ts';
import { IMPERIAL, METRIC } from '../src/web/units.ts';
import { type Browser, type Installation, startInstallation } from './support/slipstream.ts';

/** A road to the east: `lat` in degrees, metres from its beginning to its end, a point each 50 m. */
function road(lat: number, from: number, to: number): Place[] {
  const perDegree = 111_195 * Math.cos((lat * Math.PI) / 180);
  return Array.from({ length: Math.round((to - from) / 50) + 1 }, (_, at) => [14 + (from + at * 50) / perDegree, lat]);
}

describe('two lines', () => {
  test('that are one and the same differ nowhere', () => {
    expect(lineChange(road(46, 0, 10_000), road(46, 0, 10_000))).toMatchObject({ added: 0, removed: 0 });
    const { before } = lineChange(road(46, 0, 10_000), road(46, 0, 10_000));
    expect(before).toBeGreaterThan(9_990);
    expect(before).toBeLessThan(10_010);
  });

  test('of which one is recorded with other points, a few metres beside, differ nowhere', () => {
    const beside = road(46.0001, 0, 10_000).filter((_, at) => at % 7 === 0);
    expect(lineChange(road(46, 0, 10_000), [...beside])).toMatchObject({ removed: expect.closeTo(0, -3) });
  });

  test('of which one is longer differ by what is longer', () => {
    const { added, removed } = lineChange(road(46, 0, 10_000), road(46, 0, 13_000));
    expect(added).toBeGreaterThan(2_900);
    expect(added).toBeLessThan(3_050);
    expect(removed).toBe(0);
  });

  test('of which one makes a detour differ by it on both sides', () => {
    const detour: Place[] = [...road(46, 0, 4_000), ...road(46.01, 4_000, 6_000), ...road(46, 6_000, 10_000)];
    const { added, removed } = lineChange(road(46, 0, 10_000), detour);
    // Two kilometres there, and 1.1 km up and down again.
    expect(added).toBeGreaterThan(4_000);
    expect(added).toBeLessThan(4_500);
    expect(removed).toBeGreaterThan(1_800);
    expect(removed).toBeLessThan(2_050);
  });

  test('elsewhere have nothing in common, and of none there is nothing to say', () => {
    const { added, removed, after } = lineChange(road(46, 0, 5_000), road(47, 0, 5_000));
    expect([added, removed]).toEqual([after, expect.closeTo(5_000, -2)]);
    expect(lineChange([], road(46, 0, 5_000))).toMatchObject({
      before: 0,
      removed: 0,
      added: expect.closeTo(5_000, -2),
    });
    expect(lineChange([], [])).toEqual({ before: 0, after: 0, added: 0, removed: 0 });
  });

  test('across the antimeridian lie beside each other, from whichever side they begin', () => {
    const points = (lngs: number[]): Point[] => lngs.map((x) => ({ x, y: -17 }));
    const east = placesOf(points([179.98, 179.99, -180, -179.99]));
    expect(east.map(([lng]) => lng)).toEqual([179.98, 179.99, 180, 180.01]);
    const west = besideEachOther(placesOf(points([-179.99, 180, 179.99, 179.98])), east);
    expect(west[0]?.[0]).toBeCloseTo(180.01);
    expect(lineChange(east, west)).toMatchObject({ added: 0, removed: 0 });
  });

  test('take no longer for leaps round the world than for a ride', () => {
    const leaps = Array.from({ length: 100_000 }, (_, at): Place => [(at * 97) % 360, ((at * 31) % 170) - 85]);
    const began = performance.now();
    lineChange(leaps, leaps.toReversed());
    expect(performance.now() - began).toBeLessThan(20_000);
  });

  test('are drawn with few places, from the first to the last', () => {
    const long = Array.from({ length: 50_000 }, (_, at): Place => [Math.sin(at / 90), Math.cos(at / 70)]);
    const few = thinned(long, 600);
    expect(few.length).toBeLessThanOrEqual(600);
    expect(few.length).toBeGreaterThan(100);
    expect([few[0], few.at(-1)]).toEqual([long[0], long.at(-1)]);
    expect(thinned(long.slice(0, 5), 600)).toEqual(long.slice(0, 5));
    const standing = Array.from({ length: 2_000 }, (): Place => [14, 46]);
    expect(thinned(standing, 600).length).toBeLessThanOrEqual(600);
  });
});

test('cues are known by their place and words; of two alike, one more is one more', () => {
  const cue = (x: number, text: string) => ({ x, y: 46, d: x, type: 'Left', text });
  const before = [cue(1, 'A'), cue(2, 'B'), cue(2, 'B')];
  const after = [{ ...cue(1, 'A'), d: 999 }, cue(2, 'B'), cue(3, 'C')];
  expect(cueChanges(before, after)).toEqual({
    before: 3,
    after: 3,
    added: { total: 1, cues: [cue(3, 'C')] },
    removed: { total: 1, cues: [cue(2, 'B')] },
  });
  const many = Array.from({ length: 500 }, (_, at) => cue(at, 'x'.repeat(5_000)));
  const { added } = cueChanges([], many);
  expect([added.total, added.cues.length, added.cues[0]?.text.length]).toEqual([500, 60, 300]);
});

describe('what a version changed, in words', () => {
  const change = (over: Partial<NonNullable<Step['change']>> = {}): Step['change'] => ({
    attributes: [],
    sameLine: true,
    sameTrack: true,
    points: 0,
    cues: { added: 0, removed: 0 },
    ...over,
  });
  const attribute = (key: string, before: unknown, after: unknown) => ({ key, before, after });

  test.each<[string, Step['change']]>([
    ['The first version that came here', null],
    ['Nothing but the time of its last change', change({ attributes: [attribute('updated_at', 'a', 'b')] })],
    [
      'Renamed from “Morning”, 3.2\u202fkm longer, 120 new points',
      change({
        attributes: [attribute('distance', 61_000, 64_210), attribute('name', 'Morning', 'Evening')].toReversed(),
        sameLine: false,
        sameTrack: false,
        points: 120,
      }),
    ],
    ['Named, described', change({ attributes: [attribute('name', '', 'x'), attribute('description', null, 'y')] })],
    ['Description removed', change({ attributes: [attribute('description', 'y', '')] })],
    [
      '1.0\u202fkm shorter, 20\u202fm less climbing',
      change({ attributes: [attribute('distance', 2_000, 1_000), attribute('elevation_gain', 40, 20)] }),
    ],
    ['Now friends only', change({ attributes: [attribute('visibility', 'public', 'friends_only')] })],
    ['Another line', change({ sameLine: false, sameTrack: false })],
    ['3 points fewer', change({ sameLine: false, sameTrack: false, points: -3 })],
    ['Other values along the same line', change({ sameTrack: false })],
    ['2 new cues, 1 cue removed', change({ cues: { added: 2, removed: 1 } })],
    ['Difficulty changed', change({ attributes: [attribute('difficulty', 'easy', 'hard')] })],
    ['Constructor changed', change({ attributes: [attribute('constructor', 'a', 'b')] })],
    [
      'Gear, energy, terrain, 2 more attributes changed',
      change({ attributes: ['gear', 'calories', 'terrain', 'surface', 'device'].map((key) => attribute(key, 1, 2)) }),
    ],
  ])('is “%s”', (words, of) => {
    expect(changeInWords(of, METRIC)).toBe(words);
  });

  test('is in the units of the reader', () => {
    expect(changeInWords(change({ attributes: [attribute('distance', 0, 1_609.344)] }), IMPERIAL)).toBe(
      '1.0\u202fmi longer',
    );
  });

  test('and how we came to know it, with the lag', () => {
    const learnt = { origin: 'webhook', action: 'updated', at: '2026-07-04T10:00:00Z' };
    expect(learntInWords(learnt, '2026-07-04T10:00:01.800Z')).toBe('Told by webhook, here 1.8\u202fs later');
    expect(learntInWords({ ...learnt, origin: 'audit' }, '2026-07-04T10:00:00Z')).toBe(
      'Found by an audit, here 0\u202fms later',
    );
    expect(learntInWords(null, '2026-07-04T10:00:00Z')).toMatch(/not on record/);
  });
});

describe('over what is stored', () => {
  let folder: string;
  let mirror: MirrorWriter;
  let rider: Account;
  let seq = 0;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'slipstream-'));
    mirror = openMirrorForWriting(folder);
    rider = await mirror.accountWriter.connect({
      source: 'ridewithgps',
      account: '1',
      name: 'Rider',
      client: 'key',
      tokenKind: 'bearer',
      sealedToken: Buffer.from('sealed'),
      connectedAt: 0,
    });
  });
  afterAll(async () => {
    await mirror.close();
    rmSync(folder, { recursive: true });
  });

  /** One more version. @returns its request. */
  async function store(id: string, ride: Record<string, unknown>, type: 'trip' | 'route' = 'trip') {
    seq += 1;
    const whole = { id: Number(id), user_id: 1, updated_at: new Date(seq * 1_000).toISOString(), ...ride };
    const raw = Buffer.from(JSON.stringify({ [type]: whole }));
    const claim = {
      task: 1,
      key: { source: 'ridewithgps' as const, account: '1', type, id },
      seq,
      attempts: 1,
      origin: 'webhook' as const,
      action: 'updated',
      announcesDeletion: false,
      firstLearntAt: seq,
      lastLearntAt: seq,
      notifications: 1,
      webhook: null,
      claimedAt: seq,
    };
    const snapshot = {
      kind: 'present' as const,
      raw,
      beganAt: 0,
      describe: () => describeRide(whole, { account: '1' }),
    };
    await applySnapshot(mirror.itemWriter, rider, claim, snapshot, () => seq * 1_000);
    return { accountId: rider.id, type, id };
  }

  const track = (points: number, shift = 0) =>
    Array.from({ length: points }, (_, at) => ({
      x: 14 + Math.sin(at / 9_000) / 3 + (at > points / 2 ? shift : 0),
      y: 46 + Math.cos(at / 7_000) / 3,
      e: 300 + (at % 50),
      d: at * 5,
      t: 1_780_000_000 + at,
      s: 20 + (at % 7),
      h: 120 + (at % 40),
    }));

  test('a comparison tells attributes, cues and line apart, and what is the same', async () => {
    const cue = { x: 14, y: 46, d: 5, t: 'Left', n: 'Left here' };
    const of = await store(
      '1',
      { name: 'One', difficulty: 'easy', tags: [1], track_points: track(500), course_points: [cue] },
      'route',
    );
    await store(
      '1',
      { name: 'Two', difficulty: 'easy', tags: [2], track_points: track(500, 0.02), course_points: [] },
      'route',
    );
    await store(
      '1',
      { name: 'Two', difficulty: 'easy', tags: [2], privacy_code: 'a-secret', track_points: track(500, 0.02) },
      'route',
    );
    const second = await compareVersions(mirror.library, { ...of, revision: 2, against: 1 });
    expect(second?.attributes.changed).toEqual([
      { key: 'updated_at', before: expect.any(String), after: expect.any(String) },
      { key: 'name', before: 'One', after: 'Two' },
      { key: 'tags', before: [1], after: [2] },
    ]);
    expect(second?.attributes.same).toMatchObject({ difficulty: 'easy' });
    expect(second?.cues).toMatchObject({ before: 1, after: 0, removed: { total: 1 } });
    expect(second?.line).toMatchObject({ same: false, sameTrack: false });
    expect(second?.line?.added).toBeGreaterThan(500);
    const third = await compareVersions(mirror.library, { ...of, revision: 3, against: 2 });
    expect(third?.line).toMatchObject({ same: true, sameTrack: true, added: 0, removed: 0 });
    expect(JSON.stringify(third)).not.toContain('a-secret');
    const back = await compareVersions(mirror.library, { ...of, revision: 1, against: 3 });
    expect(back?.attributes.changed.find(({ key }) => key === 'name')).toEqual({
      key: 'name',
      before: 'Two',
      after: 'One',
    });
    const first = await compareVersions(mirror.library, { ...of, revision: 1, against: null });
    expect(first).toMatchObject({ attributes: { changed: [] }, line: null, drawing: { other: [] } });
    for (const request of [
      { ...of, revision: 9, against: null },
      { ...of, revision: 1, against: 9 },
      { ...of, accountId: 99, revision: 1, against: null },
    ])
      expect(await compareVersions(mirror.library, request)).toBeUndefined();
  });

  test('values along the same line are told apart from another line', async () => {
    const of = await store('2', { track_points: track(100) });
    await store('2', { track_points: track(100).map((point) => ({ ...point, h: 99 })) });
    const compared = await compareVersions(mirror.library, { ...of, revision: 2, against: 1 });
    expect(compared?.line).toMatchObject({ same: true, sameTrack: false });
    expect(await stepsOf(mirror.library, { ...of, revisions: [2, 1] })).toMatchObject([
      { revision: 2, points: 100, change: { sameLine: true, sameTrack: false, points: 0 } },
      { revision: 1, change: null },
    ]);
  });

  test('rides without positions compare too', async () => {
    const indoors = track(50).map(({ x: _x, y: _y, ...point }) => point);
    const of = await store('3', { track_points: indoors });
    await store('3', { track_points: null });
    const compared = await compareVersions(mirror.library, { ...of, revision: 2, against: 1 });
    expect(compared).toMatchObject({ line: null, points: { before: 50, after: 0 }, drawing: { line: [], other: [] } });
  });

  test('what the provider sends without end is cut, and still differs behind the cut', async () => {
    const many = Object.fromEntries(Array.from({ length: 3_000 }, (_, at) => [`key_${at}`, at]));
    const long = 'x'.repeat(1_000_000);
    const of = await store('4', { ...many, long: `${long}1` });
    await store('4', { ...many, long: `${long}2` });
    const compared = (await compareVersions(mirror.library, { ...of, revision: 2, against: 1 })) as Comparison;
    expect(compared.attributes.changed.map(({ key }) => key)).toContain('long');
    expect(compared.attributes.more).toBeGreaterThan(2_000);
    expect(JSON.stringify(compared).length).toBeLessThan(50_000);
  });

  test('two hundred versions have a list in little time, and each says what it changed', async () => {
    let of = await store('5', { name: 'Version 1', track_points: track(300) });
    for (let at = 2; at <= 200; at += 1)
      of = await store('5', { name: `Version ${at}`, track_points: track(300 + at) });
    const all = await mirror.library.revisions(of.accountId, 'trip', '5');
    expect(all.map(({ revision }) => revision)).toEqual(Array.from({ length: 200 }, (_, at) => 200 - at));
    const began = performance.now();
    const steps = await stepsOf(mirror.library, { ...of, revisions: all.slice(0, 20).map(({ revision }) => revision) });
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(steps).toHaveLength(20);
    expect(changeInWords(steps[0]?.change ?? null, METRIC)).toBe('Renamed from “Version 199”, 1 new point');
    // The last of a page is compared with one that is on the next.
    expect(changeInWords(steps[19]?.change ?? null, METRIC)).toBe('Renamed from “Version 180”, 1 new point');
  });

  test('versions of 100,000 points are compared in seconds, and told in little', async () => {
    const of = await store('6', { track_points: track(100_000) });
    await store('6', { track_points: track(100_000, 0.01) });
    const began = performance.now();
    const compared = await compareVersions(mirror.library, { ...of, revision: 2, against: 1 });
    const took = performance.now() - began;
    if (process.env.SHOW) console.log({ took });
    expect(took).toBeLessThan(20_000);
    expect(compared?.line?.same).toBe(false);
    expect(JSON.stringify(compared).length).toBeLessThan(60_000);
    const lines = await linesOf(mirror.library, { ...of, revision: 2, against: 1 });
    expect(lines?.line.length).toBeLessThanOrEqual(5_000);
    expect(lines?.line.length).toBeGreaterThan(1_000);
  });
});

describe('of the running program', () => {
  let here: Installation;
  let browser: Browser;
  let id: number;

  interface Answer {
    items: Revision[];
    passages: Passage[];
    meta: { total: number };
  }

  beforeAll(async () => {
    here = await startInstallation();
    browser = await here.connect();
    id = here.sandbox.world.items(1, 'trip')[0]?.id ?? 0;
    for (const name of ['Two', 'Three']) {
      here.sandbox.world.edit('trip', id, { name });
      await here.settled();
    }
  });
  afterAll(() => here.close());

  test('every version is listed, by the API and on its page, and the item leads there', async () => {
    const { items, meta } = await browser.json<Answer>(`/api/v1/trips/${id}/revisions`);
    expect(meta.total).toBe(3);
    expect(items).toMatchObject([
      { revision: 3, replaced_at: null, learnt: { origin: 'webhook', action: 'updated' } },
      { revision: 2, learnt: { origin: 'webhook' } },
      { revision: 1, learnt: { origin: 'backfill' } },
    ]);
    const page = await (await browser.get(`/trips/${id}/history`)).text();
    expect(page).toMatch(/3 versions, each/);
    expect(page).toMatch(/Renamed from “Two”\. <span class="quiet">The line is the same\./);
    expect(page.match(/<svg class="thumbnail"/g)).toHaveLength(3);
    expect(await (await browser.get(`/trips/${id}`)).text()).toContain(
      `<a href="/trips/${id}/history">History</a><span class="quiet">2 earlier versions`,
    );
  });

  test('every version can be taken out in every format, and the first is as it was', async () => {
    const present = here.sandbox.object('trip', id);
    for (const extension of ['gpx', 'tcx', 'fit', 'geojson', 'json']) {
      const [first, last, now] = await Promise.all(
        [`${id}/revisions/1`, `${id}/revisions/3`, id].map((path) => browser.get(`/api/v1/trips/${path}.${extension}`)),
      );
      expect([extension, first?.status, last?.status]).toEqual([extension, 200, 200]);
      expect(first?.headers.get('content-type')).toBe(now?.headers.get('content-type'));
      expect(first?.headers.get('content-disposition')).toMatch(
        new RegExp(`filename="Three ${id} version 1\\.${extension}"`),
      );
      const [was, is, same] = await Promise.all([first, last, now].map((each) => each?.bytes()));
      // An activity has no name there, and says when it was made.
      if (extension !== 'fit') {
        expect(is).toEqual(same);
        expect(was).not.toEqual(is);
      }
      if (extension === 'json')
        expect(JSON.parse(new TextDecoder().decode(was))).toEqual({
          ...present,
          name: expect.not.stringMatching(/Two|Three/),
          updated_at: expect.any(String),
        });
    }
    const { revision } = await browser.json<{ revision: Revision & { body: { name: string } } }>(
      `/api/v1/trips/${id}/revisions/2`,
    );
    expect(revision).toMatchObject({ revision: 2, body: { name: 'Two' } });
  });

  test('one version beside another says what changed, by default against the one before', async () => {
    const page = await (await browser.get(`/trips/${id}/history/3`)).text();
    expect(page).toMatch(/<th scope="row">Name<\/th><td class="was">Two<\/td><td>Three<\/td>/);
    expect(page).toMatch(/attributes are the same/);
    expect(page).toContain('The line is the same.');
    const far = await (await browser.get(`/trips/${id}/history/1?against=3`)).text();
    expect(far).toMatch(/<td class="was">Three<\/td>/);
    const track = await browser.json<{ line: Place[]; other: Place[] }>(`/trips/${id}/history/3/track.json`);
    expect(track.line.length).toBeGreaterThan(10);
    expect(track.other).toEqual(track.line);
  });

  test.each(['history/0', 'history/4', 'history/x', 'history/1.5', 'history/99999999999', 'history/4/track.json'])(
    '%s is no version',
    async (path) => {
      expect((await browser.get(`/trips/${id}/${path}`)).status).toBe(404);
      expect((await browser.get(`/api/v1/trips/${id}/${path.replace('history', 'revisions')}`)).status).toBe(404);
    },
  );

  test.each(['1.exe', '1.track', '1.constructor', '4.gpx', '-1.gpx'])('revisions/%s is no file', async (file) => {
    expect((await browser.get(`/api/v1/trips/${id}/revisions/${file}`)).status).toBe(404);
  });

  test('what is deleted keeps its history and all its files, and says when; what comes back goes on', async () => {
    const made = here.sandbox.world.create(1, 'trip', { name: 'Short-lived' });
    await here.settled();
    here.sandbox.world.remove('trip', made.id);
    await here.settled();
    const { items, passages } = await browser.json<Answer>(`/api/v1/trips/${made.id}/revisions`);
    expect(items).toHaveLength(1);
    expect(passages).toMatchObject([{ what: 'deleted', learnt: { origin: 'webhook', action: 'deleted' } }]);
    const page = await (await browser.get(`/trips/${made.id}/history`)).text();
    expect(page).toMatch(/It was deleted at Ride With GPS/);
    expect(page.indexOf('Deleted at Ride With GPS')).toBeLessThan(page.indexOf('>Version 1<'));
    for (const extension of ['gpx', 'tcx', 'fit', 'geojson', 'json'])
      expect((await browser.get(`/api/v1/trips/${made.id}/revisions/1.${extension}`)).status).toBe(200);
    expect((await browser.get(`/trips/${made.id}/history/1`)).status).toBe(200);
  });

  test('a long history has pages, and none of its versions is left out or twice on them', async () => {
    const other = here.sandbox.world.items(1, 'route')[0]?.id ?? 0;
    for (let at = 0; at < 23; at += 1) {
      here.sandbox.world.edit('route', other, { name: `Name ${at}` });
      await here.settled();
    }
    const first = await (await browser.get(`/routes/${other}/history`)).text();
    expect(first).toContain('Versions 5 to 24 of 24');
    const [, older = ''] = /href="([^"]+)" rel="next"/.exec(first) ?? [];
    const second = await (await browser.get(older)).text();
    expect(second).toContain('Versions 1 to 4 of 24');
    const named = [first, second].flatMap((page) =>
      [...page.matchAll(/<h2><a [^>]+>Version (\d+)</g)].map(([, n]) => Number(n)),
    );
    expect(named).toEqual(Array.from({ length: 24 }, (_, at) => 24 - at));
  });
});
