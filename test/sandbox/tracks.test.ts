import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ask, CLIENT, firstOf, listOf, realData, sandboxFor } from './support.ts';

type File = string | Uint8Array;

/** A sandbox over a folder with these files. */
async function over(files: Record<string, File>) {
  const folder = await mkdtemp(join(tmpdir(), 'tracks-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return sandboxFor({ tracks: folder });
}

/** What one file becomes: the object, or the reason why not. */
async function read(name: string, content: File): Promise<Record<string, unknown> | string> {
  const sandbox = await over({ [name]: content });
  const [item] = sandbox.world.items(1);
  return item ? { type: item.type, ...sandbox.object(item.type, item.id) } : firstOf(sandbox.skipped).reason;
}

const gpx = (inside: string, head = '<?xml version="1.0" encoding="UTF-8"?>') =>
  `${head}<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1">${inside}</gpx>`;
const point = (lat: number | string, lon: number | string, inside = '') =>
  `<trkpt lat="${lat}" lon="${lon}">${inside}</trkpt>`;
const at = (second: number) => `<time>2024-05-01T10:00:${String(second).padStart(2, '0')}Z</time>`;
const track = (points: string, name = 'Ride') => gpx(`<trk><name>${name}</name><trkseg>${points}</trkseg></trk>`);

describe('GPX', () => {
  test('with times becomes a trip with its sensors', async () => {
    const extensions =
      '<extensions><power>210</power><gpxtpx:TrackPointExtension><gpxtpx:atemp>12</gpxtpx:atemp><gpxtpx:hr>141</gpxtpx:hr><gpxtpx:cad>88</gpxtpx:cad></gpxtpx:TrackPointExtension></extensions>';
    const item = await read(
      'a.gpx',
      track(point(46, 14, `<ele>400</ele>${at(0)}${extensions}`) + point(46.001, 14, `<ele>405</ele>${at(20)}`)),
    );
    expect(item).toMatchObject({
      type: 'trip',
      name: 'Ride',
      user_id: 1,
      departed_at: '2024-05-01T10:00:00Z',
      duration: 20,
      elevation_gain: 5,
      avg_hr: 141,
      avg_watts: 210,
    });
    expect(item).toMatchObject({
      distance: 111.2,
      track_points: [
        { x: 14, y: 46, d: 0, e: 400, t: 1714557600, h: 141, c: 88, p: 210, T: 12 },
        { d: 111.2, s: 20 },
      ],
    });
  });

  test('without times, or with a route alone, becomes a route', async () => {
    expect(await read('a.gpx', track(point(46, 14) + point(46.1, 14)))).toMatchObject({
      type: 'route',
      name: 'Ride',
      elevation_gain: 0,
      surface: 'unknown',
    });
    const planned = gpx(
      `<rte><name>Plan</name><rtept lat="46" lon="14"><time>2024-05-01T10:00:00Z</time></rtept><rtept lat="46.1" lon="14"/></rte>`,
    );
    const item = await read('b.gpx', planned);
    expect(item).toMatchObject({
      type: 'route',
      name: 'Plan',
      track_points: [{ x: 14, y: 46, d: 0 }, { d: expect.any(Number) }],
    });
    expect(JSON.stringify(item)).not.toContain('"t":1714');
  });

  test('keeps a point whose place was lost as a hole, and joins segments over an empty one', async () => {
    const inside = `<trk><trkseg>${point(46, 14, at(0))}${point('undefined', 'undefined', at(1))}</trkseg><trkseg></trkseg><trkseg>${point(46.0001, 14, at(2))}</trkseg></trk>`;
    const item = await read('Été.gpx', gpx(inside));
    expect(item).toMatchObject({ name: 'Été', track_points: [{ y: 46 }, { t: 1714557601 }, { y: 46.0001 }] });
    if (typeof item !== 'string') expect(listOf(item.track_points)[1]).not.toHaveProperty('d');
  });

  test('measures across the antimeridian and without heights', async () => {
    const item = await read('a.gpx', track(point(10, 179.999, at(0)) + point(10, -179.999, at(30))));
    expect(item).toMatchObject({
      distance: expect.closeTo(219, 0),
      sw_lng: 179.999,
      ne_lng: -179.999,
      elevation_gain: 0,
    });
  });

  test('is read in ISO-8859-1, in UTF-16, with a byte order mark, and with a prefix nobody declared', async () => {
    const points = point(46, 14, at(0)) + point(46.1, 14, at(9));
    const latin = gpx(
      `<trk><name>Grüße</name><trkseg>${points}</trkseg></trk>`,
      '<?xml version="1.0" encoding="ISO-8859-1"?>',
    );
    expect(await read('a.gpx', Buffer.from(latin, 'latin1'))).toMatchObject({ name: 'Grüße' });
    expect(await read('b.gpx', `\uFEFF${track(points, '西脇')}`)).toMatchObject({ name: '西脇' });
    expect(await read('c.gpx', Buffer.from(`\uFEFF${track(points, 'šđ')}`, 'utf16le'))).toMatchObject({ name: 'šđ' });
    const power =
      '<extensions><gpxpx:PowerExtension><gpxpx:PowerInWatts>200</gpxpx:PowerInWatts></gpxpx:PowerExtension></extensions>';
    expect(await read('d.gpx', track(point(46, 14, at(0) + power) + points))).toMatchObject({ max_watts: 200 });
  });

  test.each([
    ['no track', gpx(''), 'It has no track.'],
    ['only waypoints', gpx('<wpt lat="1" lon="2"/>'), 'It has waypoints but no track.'],
    ['an empty track', gpx('<trk><trkseg></trkseg></trk>'), 'It has no track points.'],
    ['no place at all', track(point('x', 'y', at(0)) + point('x', 'y', at(1))), 'None of its points has a position.'],
    ['one point', track(point(1, 2, at(0))), 'It has a single point, which makes no track.'],
    ['a broken end', `${track(point(1, 2)).slice(0, -12)}`, /^It is not well-formed XML/],
    ['bytes that are not UTF-8', Buffer.from(track(point(1, 2), 'ü'), 'latin1'), /^Its text is not UTF-8/],
    ['other XML', '<html><body>Not found</body></html>', 'It is XML but not GPX.'],
    [
      'an external entity',
      `<!DOCTYPE gpx [<!ENTITY x SYSTEM "file:///etc/passwd">]>${track(point(1, 2), '&x;')}`,
      'It declares a document type, which no track file needs.',
    ],
  ])('with %s is refused with a plain reason', async (_, content, reason) => {
    const result = await read('a.gpx', content);
    expect(result).toEqual(typeof reason === 'string' ? reason : expect.stringMatching(reason));
  });
});

describe('TCX', () => {
  const trackpoint = (second: number, inside: string) =>
    `<Trackpoint><Time>2024-05-01T10:00:0${second}Z</Time>${inside}</Trackpoint>`;
  const place = (lat: number) =>
    `<Position><LatitudeDegrees>${lat}</LatitudeDegrees><LongitudeDegrees>14</LongitudeDegrees></Position><AltitudeMeters>300</AltitudeMeters>`;
  const activity = (laps: string) =>
    `<TrainingCenterDatabase><Activities><Activity Sport="Biking"><Id>x</Id>${laps}<Creator><Name>Device 1</Name></Creator></Activity></Activities></TrainingCenterDatabase>`;

  test('activities become trips with laps, sensors and the device', async () => {
    const sensors =
      '<HeartRateBpm><Value>120</Value></HeartRateBpm><Cadence>80</Cadence><Extensions><ns3:TPX><ns3:Speed>5</ns3:Speed><ns3:Watts>150</ns3:Watts></ns3:TPX></Extensions>';
    const lap = (second: number, lat: number) =>
      `<Lap><Track>${trackpoint(second, place(lat) + sensors)}${trackpoint(second + 1, '')}</Track></Lap>`;
    expect(await read('Runde am See.tcx', activity(lap(0, 46) + lap(2, 46.0001)))).toMatchObject({
      type: 'trip',
      name: 'Runde am See',
      device: 'Device 1',
      activity_type: 'cycling:generic',
      track_points: [{ lap: true, h: 120, c: 80, p: 150, s: 18 }, { t: 1714557601 }, { lap: true }, {}],
    });
  });

  test('an indoor ride keeps its distances and has no place', async () => {
    const inside = [0, 1, 2].map((second) =>
      trackpoint(
        second,
        `<DistanceMeters>${second * 8}</DistanceMeters><HeartRateBpm><Value>110</Value></HeartRateBpm>`,
      ),
    );
    expect(await read('a.tcx', activity(`<Lap><Track>${inside.join('')}</Track></Lap>`))).toMatchObject({
      is_stationary: true,
      distance: 16,
      first_lat: null,
      avg_hr: 110,
    });
  });

  test('courses become routes although their points carry times', async () => {
    const course = `<TrainingCenterDatabase><Courses><Course><Name>Plan</Name><Track>${trackpoint(0, place(46))}${trackpoint(1, place(46.1))}</Track></Course></Courses></TrainingCenterDatabase>`;
    expect(await read('a.tcx', course)).toMatchObject({ type: 'route', name: 'Plan' });
  });
});

describe('KML', () => {
  const kml = (inside: string) =>
    `<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>西脇</name>${inside}</Document></kml>`;

  test('lines become a route, without the places beside them', async () => {
    const line =
      '<Placemark><LineString><coordinates>14,46,300 14.01,46,310\n14.02,46</coordinates></LineString></Placemark>';
    const place = '<Placemark><Point><coordinates>14,46,300</coordinates></Point></Placemark>';
    const item = await read('a.kml', kml(place + line + place));
    expect(item).toMatchObject({ type: 'route', name: '西脇', track_points: [{ x: 14, e: 300 }, {}, { x: 14.02 }] });
    expect(await read('b.kml', kml(place))).toBe('It has no line, only places or nothing.');
  });

  test('timed tracks become a trip', async () => {
    const inside =
      '<Placemark><gx:Track><when>2024-05-01T10:00:00Z</when><when>2024-05-01T10:00:10Z</when><gx:coord>14 46 300</gx:coord><gx:coord>14 46.001 300</gx:coord></gx:Track></Placemark>';
    expect(await read('a.kml', kml(inside))).toMatchObject({ type: 'trip', duration: 10 });
  });
});

describe('a folder', () => {
  test('is read to the end whatever is in it, with every file that gave nothing named', async () => {
    const good = track(point(46, 14, at(0)) + point(46.1, 14, at(9)));
    const sandbox = await over({
      'a.gpx': 'no',
      'b.FIT': 'no',
      'deep/ゴール.GPX': good,
      'notes.txt': 'x',
      '.hidden': 'x',
    });
    expect(sandbox.skipped).toEqual([
      { file: 'a.gpx', reason: expect.any(String) },
      { file: 'b.FIT', reason: 'It is not a FIT file.' },
      { file: 'notes.txt', reason: 'It is not a GPX, TCX, FIT or KML file.' },
    ]);
    const token = sandbox.world.issueToken(1, CLIENT.apiKey);
    const { body } = await ask(sandbox, '/api/v1/sync.json?since=1970-01-01', token);
    expect(listOf(body.items)).toHaveLength(1);
  });

  test('that is not there stops the start with its name', async () => {
    await expect(sandboxFor({ tracks: '/nowhere/at/all' })).rejects.toThrow('/nowhere/at/all');
  });

  test('of real recordings gives an item for each but those that cannot be used', async () => {
    const folder = realData === undefined ? undefined : join(realData, 'tracks');
    const inline = { 'a.gpx': track(point(46, 14, at(0)) + point(46.1, 14, at(9))), 'empty.gpx': gpx('') };
    const sandbox = folder === undefined ? await over(inline) : await sandboxFor({ tracks: folder });
    const files =
      folder === undefined ? Object.keys(inline) : (await readdir(folder)).filter((file) => !file.startsWith('.'));
    const items = sandbox.world.items(1);
    expect(items.length + sandbox.skipped.length).toBe(files.length);
    const refused = folder === undefined ? ['empty.gpx'] : REFUSED;
    expect(sandbox.skipped.map(({ file }) => file).toSorted()).toEqual(refused.toSorted());
    for (const { type, id } of items) {
      const item = sandbox.object(type, id);
      expect(listOf(item.track_points).length).toBeGreaterThan(1);
      expect(JSON.stringify(item)).not.toContain('undefined');
    }
  });

  test('of real recordings gives the number of points that others counted', async () => {
    if (realData === undefined) {
      const item = await read('a.gpx', track(point(46, 14, at(0)) + point(46.1, 14, at(9))));
      expect(typeof item === 'string' ? [] : listOf(item.track_points)).toHaveLength(2);
      return;
    }
    const table = (await readFile(join(realData, 'tracks/MANIFEST.tsv'), 'utf8'))
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split('\t'));
    for (const [file = '', , , , , , counted = '', , , , , , , , lost = ''] of table) {
      if (REFUSED.includes(file) || counted === 'bad') continue;
      const item = await read(file, await readFile(join(realData, 'tracks', file)));
      if (typeof item === 'string') throw new Error(`${file}: ${item}`);
      const placed = listOf(item.track_points).filter(({ x }) => x !== undefined);
      // Two points of the KML file are its start and end marks, which are not on the line.
      expect([file, placed.length]).toEqual([file, Number(counted) - (file.endsWith('.kml') ? 2 : 0)]);
      expect(placed.length + Number(lost)).toBeLessThanOrEqual(
        Math.max(listOf(item.track_points).length, Number(lost)),
      );
    }
  });
});

const REFUSED = [
  'MANIFEST.tsv',
  'gpxgo_iso8859-1.gpx',
  'gpxpy_unicode.gpx',
  'gpxpy_unicode_bom.gpx',
  'togeojson_bad.gpx',
  'togeojson_empty_trk.gpx',
  'tormoder_filecrc_corrupt.fit',
];
