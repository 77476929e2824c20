import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Decoder, Stream } from '@garmin/fitsdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Item } from '../../src/sandbox/model.ts';
import { type Browser, type Installation, startInstallation } from '../support/slipstream.ts';
import { type ReadPoint, type ReadTurn, readFit, readGpx, readTcx } from './read.ts';
import { faultsIn } from './schemas.ts';

/** Real recordings lie beside the project where somebody put them. */
const REAL = join(import.meta.dirname, '../../../shared/realdata/tracks');

/** The validator is a program of its own, and its memory is bounded. */
const VALIDATED_AT_ONCE = 6;

interface Source {
  name: string;
  options: Parameters<typeof startInstallation>[0];
}
const MADE_UP: Source = {
  name: 'made-up rides',
  options: { riders: [{ id: 1, name: 'Robin Field', routes: 2, trips: 3 }] },
};
const SOURCES = existsSync(REAL) ? [MADE_UP, { name: 'real recordings', options: { tracks: REAL } }] : [MADE_UP];

interface Body {
  name: string;
  track_points: (ReadPoint & { lap?: boolean })[];
  course_points?: { x: number; y: number; d: number; t: string; n: string }[];
  points_of_interest?: { lat: number; lng: number; name: string; type_name: string }[];
}

/** The sandbox's words for turns, and what they are for devices. */
const TYPES: Record<string, { tcx: string; fit: string }> = {
  Start: { tcx: 'Generic', fit: 'generic' },
  End: { tcx: 'Generic', fit: 'generic' },
  Straight: { tcx: 'Straight', fit: 'straight' },
  Left: { tcx: 'Left', fit: 'left' },
  'Slight Left': { tcx: 'Left', fit: 'slight_left' },
  'Sharp Left': { tcx: 'Left', fit: 'sharp_left' },
  Right: { tcx: 'Right', fit: 'right' },
  'Slight Right': { tcx: 'Right', fit: 'slight_right' },
  'Sharp Right': { tcx: 'Right', fit: 'sharp_right' },
  Uturn: { tcx: 'Generic', fit: 'u_turn' },
};

describe.each(SOURCES)('files of $name', ({ options }) => {
  let here: Installation;
  let browser: Browser;

  beforeAll(async () => {
    here = await startInstallation(options);
    browser = await here.connect();
  });
  afterAll(() => here.close());

  const items = (): Item[] => here.sandbox.world.items(1);
  const bodyOf = ({ type, id }: Item) => here.sandbox.object(type, id) as unknown as Body;
  /** Nothing changes here, and each file is looked at from several sides. */
  const downloaded = new Map<string, Promise<Buffer>>();

  function download(item: Item, format: string): Promise<Buffer> {
    const name = `${item.type}/${item.id}.${format}`;
    const file = downloaded.get(name) ?? fetched(item, format);
    downloaded.set(name, file);
    return file;
  }

  async function fetched({ type, id }: Item, format: string): Promise<Buffer> {
    const answer = await browser.get(`/api/v1/${type}s/${id}.${format}`);
    expect([answer.status, answer.headers.get('content-disposition')]).toEqual([
      200,
      expect.stringMatching(new RegExp(`^attachment; filename=".*${id}\\.${format}"`)),
    ]);
    return Buffer.from(await answer.arrayBuffer());
  }

  test('are valid against the public schemas', async () => {
    const all = items();
    for (let from = 0; from < all.length; from += VALIDATED_AT_ONCE) {
      const some = all.slice(from, from + VALIDATED_AT_ONCE);
      const files = await Promise.all(some.flatMap((item) => [download(item, 'gpx'), download(item, 'tcx')]));
      const names = some.map(({ name }) => name);
      expect([names, await faultsIn(files.map(String))]).toEqual([names, []]);
    }
  });

  test('say as GPX where, when and with what effort somebody rode, and have cues and places as waypoints', async () => {
    for (const item of items()) {
      const body = bodyOf(item);
      const read = readGpx(String(await download(item, 'gpx')));
      expect(read.name).toBe(body.name);
      const expected = body.track_points.filter(isPlaced);
      expect(read.stretches.reduce((sum, length) => sum + length, 0)).toBe(expected.length);
      expect(differences(read.points, expected, ['x', 'y', 'e', 't', 's', 'h', 'c', 'p', 'T'])).toEqual([]);
      expect(read.turns).toEqual([
        ...(body.points_of_interest ?? []).map(({ lat, lng, name, type_name }) => ({
          y: lat,
          x: lng,
          name,
          type: type_name,
        })),
        ...(body.course_points ?? []).map(({ x, y, t, n }) => ({ x, y, name: n, type: t })),
      ]);
    }
  });

  test('say as TCX and FIT the same of a trip, lap by lap', async () => {
    for (const item of items().filter(({ type }) => type === 'trip')) {
      const body = bodyOf(item);
      const [tcx, fit] = [readTcx(String(await download(item, 'tcx'))), await readFit(await download(item, 'fit'))];
      const timed = body.track_points.some(({ t }) => t !== undefined);
      const known = ['x', 'y', 'e', 'h', 'c', 'p', 'd', ...(timed ? (['t'] as const) : [])] as const;
      expect([item.name, differences(tcx.points, body.track_points, [...known, 's'])]).toEqual([item.name, []]);
      expect([item.name, differences(fit.points, body.track_points, [...known, 's', 'T'], true)]).toEqual([
        item.name,
        [],
      ]);
      const laps = body.track_points.filter(({ lap }, at) => at === 0 || lap).length || 1;
      expect([tcx.stretches.length, fit.stretches.length]).toEqual([laps, laps]);
      const distance = body.track_points.findLast(({ d }) => d !== undefined)?.d;
      if (distance !== undefined) {
        expect(tcx.distance).toBeCloseTo(distance, -1);
        expect(fit.distance).toBeCloseTo(distance, 1);
      }
      expect(fit.type).toBe('activity');
    }
  });

  test('lead as TCX and FIT along a route, and announce every cue with type, place, distance and time', async () => {
    for (const item of items().filter(({ type }) => type === 'route')) {
      const body = bodyOf(item);
      const [tcx, fit] = [readTcx(String(await download(item, 'tcx'))), await readFit(await download(item, 'fit'))];
      const expected = body.track_points.filter(isPlaced);
      expect(differences(tcx.points, expected, ['x', 'y', 'e', 'd'])).toEqual([]);
      expect(differences(fit.points, expected, ['x', 'y', 'e', 'd'], true)).toEqual([]);
      const cues = body.course_points ?? [];
      expect(tcx.turns.map(({ type, text, x, y }) => ({ type, text, x, y }))).toEqual(
        cues.map(({ t, n, x, y }) => ({ type: TYPES[t]?.tcx, text: n, x, y })),
      );
      expect(fit.turns.map(({ type, name, d }) => ({ type, name, d }))).toEqual(
        cues.map(({ t, n, d }) => ({ type: TYPES[t]?.fit, name: n, d: expect.closeTo(d, 1) })),
      );
      for (const [file, second] of [
        [tcx, 0],
        [fit, 1],
      ] as const) {
        expect(file.turns.filter((turn) => !isOnTrack(turn, file.points, second))).toEqual([]);
        const times = file.points.map(({ t }) => t ?? Number.NaN);
        expect(times).toEqual([...times].sort((a, b) => a - b));
      }
      const length = expected.at(-1)?.d ?? 0;
      const duration = (tcx.points.at(-1)?.t ?? 0) - (tcx.points[0]?.t ?? 0);
      if (length > 0) expect((length / duration) * 3.6).toBeCloseTo(20, 1);
      expect([fit.type, fit.sport]).toEqual(['course', 'cycling']);
    }
  });

  test('are FIT files to the vendor’s own decoder too, without an error', async () => {
    for (const item of items()) {
      const decoder = new Decoder(Stream.fromBuffer(await download(item, 'fit')));
      expect([decoder.isFIT(), decoder.checkIntegrity()]).toEqual([true, true]);
      expect(decoder.read().errors).toEqual([]);
    }
  });
});

test('a deleted item still has every file', async () => {
  const here = await startInstallation({ riders: [{ id: 1, name: 'Robin Field', routes: 1, trips: 1, points: 30 }] });
  try {
    const browser = await here.connect();
    for (const { type, id } of here.sandbox.world.items(1)) {
      here.sandbox.world.remove(type, id);
      await here.settled();
      for (const format of ['json', 'geojson', 'gpx', 'tcx', 'fit']) {
        const answer = await browser.get(`/api/v1/${type}s/${id}.${format}`);
        expect([format, answer.status]).toEqual([format, 200]);
      }
      const page = await (await browser.get(`/${type}s/${id}`)).text();
      for (const format of ['gpx', 'tcx', 'fit']) expect(page).toContain(`href="/api/v1/${type}s/${id}.${format}"`);
    }
  } finally {
    await here.close();
  }
});

const isPlaced = ({ x, y }: ReadPoint): boolean => x !== undefined && y !== undefined;

/** How exactly each value comes back: FIT has steps of its own, and whole seconds. */
const STEPS: Record<string, [text: number, fit: number]> = {
  x: [0, 1e-6],
  y: [0, 1e-6],
  e: [0, 0.11],
  d: [0, 0.006],
  t: [0.0011, 1],
  s: [0.0019, 0.0019],
  h: [0.5, 0.5],
  c: [0.5, 0.5],
  p: [0.5, 0.5],
  T: [0, 0.5],
};

/** The first few places where what was read is not what was sent. */
function differences(
  read: readonly ReadPoint[],
  sent: readonly ReadPoint[],
  names: readonly (keyof ReadPoint)[],
  fit = false,
): string[] {
  if (read.length !== sent.length) return [`${read.length} points instead of ${sent.length}`];
  const found = sent.flatMap((point, at) =>
    names.flatMap((name) => {
      const [was, is] = [point[name], read[at]?.[name]];
      // A heart that does not beat is a sensor without contact: text formats cannot say it. Distances and times are filled in.
      if (was === undefined && (name === 'd' || name === 't')) return [];
      if (name === 'h' && was === 0 && is === undefined) return [];
      // FIT begins in 1989, and ends at 235 km/h.
      if (
        fit &&
        is === undefined &&
        was !== undefined &&
        ((name === 't' && was < 631_065_600) || (name === 's' && was > 235))
      )
        return [];
      const step = STEPS[name]?.[fit ? 1 : 0] ?? 0;
      const same = was === undefined || is === undefined ? was === is : Math.abs(was - is) <= step + 1e-9;
      return same ? [] : [`${name} of point ${at} is ${is} instead of ${was}`];
    }),
  );
  return found.slice(0, 5);
}

/** A turn has the time of a point of the track, near that point. */
function isOnTrack({ x, y, t }: ReadTurn, points: readonly ReadPoint[], second: number): boolean {
  const same = points.filter((point) => Math.abs((point.t ?? 0) - (t ?? Number.NaN)) <= second);
  return same.some((point) => Math.abs((point.x ?? 0) - x) < 0.001 && Math.abs((point.y ?? 0) - y) < 0.001);
}
