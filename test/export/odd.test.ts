import { describe, expect, test } from 'vitest';
import { fileOf, positionsIn, readAll } from './bodies.ts';
import { readFit, readTcx } from './read.ts';
import { faultsIn } from './schemas.ts';

const line = (count: number, more: (at: number) => object = () => ({})) =>
  Array.from({ length: count }, (_, at) => ({ x: 8 + at / 1_000, y: 47, ...more(at) }));
const timed = (at: number) => ({ t: 1_700_000_000 + at * 10 });

const SHAPES: Record<string, object> = {
  'no points': { name: 'Nothing', track_points: [] },
  'no track at all': { name: null, track_points: null, course_points: null },
  'a single point': { name: 'Here', track_points: line(1, timed) },
  'no positions': { name: 'Trainer', track_points: [0, 1, 2].map((at) => ({ ...timed(at), h: 120, d: at * 100 })) },
  'no elevation': { name: 'Flat', track_points: line(5, timed) },
  'no times': { name: 'Lost clock', track_points: line(5), departed_at: '2026-05-01T08:00:00Z' },
  'broken dates': { name: 'Once', track_points: line(2), departed_at: 'yesterday', created_at: '' },
  'the antimeridian': {
    name: 'Fiji',
    track_points: [179.99, 180, -179.99].map((x, at) => ({ x, y: -17, ...timed(at) })),
  },
  'impossible numbers': {
    name: 'Odd',
    distance: 'far',
    calories: 1e9,
    duration: -4,
    track_points: [
      { x: 1e-7, y: -1e-9, e: 1e-7, d: 0, h: 0, c: 300, p: -3, s: -1, T: 500, t: 1_700_000_000 },
      { x: 540, y: 47, e: 1e30, d: 1e12, h: 300, c: -1, p: 1e6, s: 1e6, T: -500, t: 1e300 },
      { x: 8, y: 95, e: -20_000, d: -5, h: 1.4, c: 1.6, p: 0.2, s: 0, T: 0.5, t: -5 },
    ],
    course_points: [{ x: 8, y: 99, d: 1, t: 'Left', n: 'Nowhere' }],
  },
  'names of all kinds': {
    name: '西脇 🚴‍♀️🚴‍♀️🚴‍♀️ <b>&"\'\u0000\u0007\ud800 ]]> العربية',
    description: 'line\r\nline\u0001\ufffe',
    activity_type: '<&>',
    track_points: line(3, timed),
    course_points: ['🚴‍♀️🚴‍♀️🚴‍♀️🚴‍♀️', '\u0000', '', '   ', 'é'.repeat(300), 'x'.repeat(9_000)].map((n, at) => ({
      x: 8,
      y: 47,
      d: at,
      t: at % 2 ? '\u0001' : 'Left',
      n,
    })),
    points_of_interest: [{ lat: 47, lng: 180, name: '\u0002<', description: '&', type_name: '"' }],
  },
};

describe.each(['route', 'trip'] as const)('a %s with', (type) => {
  test.each(Object.entries(SHAPES))('%s makes valid files', async (_, body) => {
    const { texts, fit } = await readAll(type, body);
    expect(await faultsIn(texts)).toEqual([]);
    expect(fit.type).toBe(type === 'route' ? 'course' : 'activity');
  });
});

test('100,000 points are all in every file, and the files are valid', async () => {
  const points = line(100_000, (at) => ({ x: 8 + at / 1e5, e: 400, h: 120, p: 210, ...timed(at) }));
  const [gpx, tcx] = await Promise.all(
    (['gpx', 'tcx'] as const).map(async (each) => String(await fileOf('trip', { track_points: points }, each))),
  );
  expect([gpx?.match(/<trkpt /g)?.length, tcx?.match(/<Trackpoint>/g)?.length]).toEqual([100_000, 100_000]);
  expect(await faultsIn([gpx ?? '', tcx ?? ''])).toEqual([]);
  const fit = await readFit(await fileOf('trip', { track_points: points }, 'fit'));
  expect(fit.points).toHaveLength(100_000);
  expect(fit.points.at(-1)?.x).toBeCloseTo(8.99999, 6);
  // Nearly all of it is the schemas': on a busy machine they take a minute.
}, 300_000);

describe('the schemas of these tests', () => {
  const [gpx, tcx] = [
    () => fileOf('trip', { name: 'A', track_points: line(2, (at) => ({ ...timed(at), h: 99, p: 200 })) }, 'gpx'),
    () => fileOf('trip', { name: 'A', track_points: line(2, (at) => ({ ...timed(at), h: 99, p: 200 })) }, 'tcx'),
  ];
  test.each([
    ['a heart rate of the extension', gpx, '<gpxtpx:hr>99', '<gpxtpx:hr>300'],
    ['a longitude', gpx, 'lon="8"', 'lon="180"'],
    ['power without a namespace of its own', gpx, / xmlns="[^"]*PowerExtension[^"]*"/, ''],
    ['the order of elements', tcx, /(<Time>[^<]*<\/Time>)(<Position>.*?<\/Position>)/, '$2$1'],
    ['watts of the extension', tcx, '<ns3:Watts>200', '<ns3:Watts>many'],
  ])('see when %s is wrong', async (_, make, right, wrong) => {
    const text = String(await make());
    expect(await faultsIn([text])).toEqual([]);
    const broken = text.replace(right, wrong);
    expect(broken).not.toBe(text);
    expect(await faultsIn([broken])).not.toEqual([]);
  });
});

describe('a hole in a recording', () => {
  const points = [0, 10, 20, 30, 900, 910, 920].map((t, at) => ({ x: 8 + at / 1_000, y: 47, t: 1_700_000_000 + t }));

  test('is between two segments of GPX, when nothing was recorded for long', async () => {
    expect((await readAll('trip', { track_points: points })).gpx.stretches).toEqual([4, 3]);
  });

  test('is between two segments of GPX, where no position is known', async () => {
    const lost = points.slice(0, 4).map(({ x, y, t }, at) => (at === 2 ? { t } : { x, y, t }));
    const { gpx, tcx } = await readAll('trip', { track_points: lost });
    expect(gpx.stretches).toEqual([2, 1]);
    expect(tcx.points).toHaveLength(4);
  });

  test('is none where every point is far from the next', async () => {
    const sparse = points.map((point, at) => ({ ...point, t: 1_700_000_000 + at * 300 }));
    expect((await readAll('trip', { track_points: sparse })).gpx.stretches).toEqual([7]);
  });
});

describe('what a device wants and a body lacks', () => {
  test('times lie between those that are known', async () => {
    const t = 1_700_000_000;
    const body = {
      track_points: [
        { x: 8, y: 47, t },
        { x: 8.1, y: 47 },
        { x: 8.2, y: 47, t: t + 100 },
        { x: 8.3, y: 47 },
      ],
    };
    const { tcx } = await readAll('trip', body);
    expect(tcx.points.map((point) => (point.t ?? 0) - t)).toEqual([0, 50, 100, 100]);
  });

  test('distances are measured on the ground, also over the antimeridian', async () => {
    const { tcx, fit } = await readAll('route', {
      track_points: [
        { x: 179.99, y: 0 },
        { x: -179.99, y: 0 },
      ],
    });
    expect(tcx.points[1]?.d).toBeCloseTo(2_223.9, 0);
    expect(fit.points[1]?.d).toBeCloseTo(2_223.9, 0);
    expect(positionsIn(tcx)).toEqual([
      [179.99, 0],
      [-179.99, 0],
    ]);
  });

  test('a cue without a distance is where the track passes it next', async () => {
    // There and back: the second cue is on the way back.
    const there = line(11, () => ({}));
    const back = there.toReversed();
    const cues = [
      { x: 8.008, y: 47, t: 'Left', n: 'out' },
      { x: 8.002, y: 47, t: 'right', n: 'home' },
    ];
    const { fit, tcx } = await readAll('route', { track_points: [...there, ...back], course_points: cues });
    const step = (fit.points[1]?.d ?? 0) - (fit.points[0]?.d ?? 0);
    expect(fit.turns.map(({ d = 0, name }) => [name, Math.round(d / step)])).toEqual([
      ['out', 8],
      ['home', 18],
    ]);
    expect(tcx.turns.map(({ type }) => type)).toEqual(['Left', 'Right']);
  });

  test('laps begin where the rider pressed the button, and add up to the whole', async () => {
    const points = line(7, (at) => ({ ...timed(at), d: at * 100, ...(at % 3 === 0 && { lap: true }) }));
    const { tcx, texts } = await readAll('trip', { track_points: points, calories: 100 });
    expect(tcx.stretches).toEqual([3, 3, 1]);
    expect(tcx.distance).toBe(600);
    const calories = [...(texts[1] ?? '').matchAll(/<Calories>(\d+)/g)].map(([, value]) => Number(value));
    expect([calories.length, calories.reduce((a, b) => a + b)]).toEqual([3, 100]);
  });

  test('ten signs of a cue’s name are for the road, and the whole text is beside it', async () => {
    const cues = ['Turn left onto Mill Lane', 'Mind the gap here', ''].map((n, at) => ({
      x: 8,
      y: 47,
      d: at,
      t: 'Left',
      n,
    }));
    const { turns } = readTcx(String(await fileOf('route', { track_points: line(3), course_points: cues }, 'tcx')));
    expect(turns.map(({ name }) => name)).toEqual(['Mill Lane', 'Mind the g', 'Left']);
    expect(turns[0]?.text).toBe('Turn left onto Mill Lane');
  });

  test.each([
    ['cycling:gravel', 'Biking', 'cycling'],
    ['running:generic', 'Running', 'running'],
    ['walking:hiking', 'Other', 'walking'],
    ['snow:generic', 'Other', 'generic'],
    ['constructor', 'Other', 'generic'],
    [null, 'Biking', 'cycling'],
  ])('an activity of %s is %s to TCX and %s to FIT', async (activity_type, sport, fitSport) => {
    const { texts, fit } = await readAll('trip', { activity_type, track_points: line(2, timed) });
    expect(texts[1]).toContain(`<Activity Sport="${sport}">`);
    expect(fit.sport).toBe(fitSport);
  });
});
