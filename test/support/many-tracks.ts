import { createRandom } from '../../src/sandbox/random.ts';
import { describeRide } from '../../src/sources/ridewithgps/describe.ts';
import { DESCRIPTION } from '../../src/storage/items.ts';
import { createOutlineWriter } from '../../src/storage/sqlite/lines.ts';
import { openForWriting } from '../../src/storage/sqlite/open.ts';

/** Where most rides begin, and where a few do. */
const HOME = { lng: 14.505, lat: 46.05 };
const AWAY = [
  { lng: 2.82, lat: 41.98 },
  { lng: 178.6, lat: -17.8 },
  { lng: -122.68, lat: 45.52 },
];
const LOOPS = 90;
export const METRES_PER_DEGREE = 111_320;

export interface Loop {
  start: { lng: number; lat: number };
  /** Metres from the start, of every point. */
  x: number[];
  y: number[];
}

/** What years of riding look like on a map: a hundred loops around home and a few elsewhere, each ridden again and again by an inexact device. */
function createTracks(points: number): (ride: number) => { x: number; y: number }[] {
  const random = createRandom(7);
  const startOf = (at: number) => (at % 15 === 14 ? (AWAY[((at / 15) | 0) % AWAY.length] ?? HOME) : HOME);
  const loops = Array.from({ length: LOOPS }, (_, at) => loopFrom(startOf(at), random, points));
  return (ride) => {
    // Few are ridden often, and most seldom.
    const { start, x, y } = loops[Math.floor(LOOPS * ((ride * 0.618034) % 1) ** 2)] as Loop;
    const squeeze = Math.cos((start.lat * Math.PI) / 180);
    const [phase, other] = [random.between(0, 7), random.between(0, 7)];
    return x.map((east, at) => ({
      x: start.lng + (east + 4 * Math.sin(phase + at / 23) + random.between(-0.5, 0.5)) / METRES_PER_DEGREE / squeeze,
      y: start.lat + ((y[at] ?? 0) + 4 * Math.sin(other + at / 31) + random.between(-0.5, 0.5)) / METRES_PER_DEGREE,
    }));
  };
}

/** A ride away and home again, with bends as roads have them. */
export function loopFrom(start: Loop['start'], random: ReturnType<typeof createRandom>, points: number): Loop {
  const radius = random.between(1_500, 14_000);
  const towards = random.between(0, 2 * Math.PI);
  // The smaller the bends, the more of them: as roads have them.
  const bends = [2, 3, 5, 8, 13, 21, 34, 55, 89, 144].map((times) => ({
    times,
    size: (radius * random.between(0.2, 0.5)) / times ** 1.25,
    phase: random.between(0, 2 * Math.PI),
  }));
  const place = (share: number): [number, number] => {
    const angle = 2 * Math.PI * share;
    const far = radius + bends.reduce((sum, { times, size, phase }) => sum + size * Math.sin(times * angle + phase), 0);
    return [far * Math.cos(angle + towards), far * Math.sin(angle + towards)];
  };
  const [homeX, homeY] = place(0);
  const all = Array.from({ length: points }, (_, point) => place(point / (points - 1)));
  return { start, x: all.map(([x]) => x - homeX), y: all.map(([, y]) => y - homeY) };
}

/** So many trips of the account 1 in `mirror.db`, without bodies. @returns what describing them took, milliseconds each. */
export function writeTracks(dataDir: string, trips: number, points: number): number[] {
  const db = openForWriting(dataDir, 'mirror');
  db.prepare(`INSERT INTO accounts (id, source, user_id, name, client, token_kind, connected_at, owner, cursor)
    VALUES (1, 'ridewithgps', '1', 'Robin Field', 'key', 'bearer', 0, 1, '2026-01-01T00:00:00Z')`).run();
  db.prepare(`INSERT INTO bodies VALUES (1, x'00', 2, x'00')`).run();
  const item = db.prepare(`
    INSERT INTO items (id, account_id, type, item_id, version, seq, body_id, owned, began_at, fetched_at, title, happened_at)
    VALUES (?, 1, 'trip', ?, ?, 1, 1, 1, 0, 0, ?, ?)`);
  const ride = db.prepare(`
    INSERT INTO rides (item, description, visibility, locality, administrative_area, country_code, activity_type, distance,
      elevation_gain, moving_time, departed_at, thumbnail, name_key, described)
    VALUES (?, '', 'public', '', '', ?, ?, ?, 500, 7200, ?, ?, '', ${DESCRIPTION})`);
  const writeOutline = createOutlineWriter(db);
  const trackOf = createTracks(points);
  const took: number[] = [];
  for (let id = 1; id <= trips; id += 200) {
    db.transaction(() => {
      for (let at = id; at < Math.min(id + 200, trips + 1); at += 1) {
        const day = new Date(Date.parse('2026-07-04T06:00:00Z') - at * 20 * 3_600_000).toISOString();
        const body = {
          id: at,
          user_id: 1,
          name: `Ride ${at}`,
          updated_at: day,
          departed_at: day,
          track_points: trackOf(at),
        };
        const { outline, ride: columns } = describeRide(body, { account: '1' });
        const began = performance.now();
        describeRide(body, { account: '1' });
        took.push(performance.now() - began);
        item.run(at, String(at), day, body.name, day);
        const activity = at % 3 === 0 ? 'cycling:gravel' : 'cycling:road';
        ride.run(
          at,
          at % 10 === 0 ? 'IT' : 'SI',
          activity,
          40_000 + (at % 60) * 1_000,
          day,
          JSON.stringify(columns.thumbnail),
        );
        writeOutline(at, outline);
      }
    })();
  }
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.pragma('optimize');
  db.close();
  return took;
}
