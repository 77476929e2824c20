import { zstdCompressSync } from 'node:zlib';
import { createRandom } from '../../src/sandbox/random.ts';
import { hashOf } from '../../src/seal.ts';
import { describeRide } from '../../src/sources/ridewithgps/describe.ts';
import { openForWriting } from '../../src/storage/sqlite/open.ts';
import { type Loop, loopFrom, METRES_PER_DEGREE } from './many-tracks.ts';

const STARTS: Record<string, Loop['start']> = {
  'Kranjska Gora': { lng: 13.786, lat: 46.485 },
  Ljubljana: { lng: 14.505, lat: 46.05 },
  Udine: { lng: 13.235, lat: 46.063 },
  Villach: { lng: 13.85, lat: 46.611 },
  Girona: { lng: 2.82, lat: 41.98 },
  Portland: { lng: -122.68, lat: 45.52 },
};
const LOOPS_FROM_EACH = 20;
const POINTS = 200;

interface Item {
  id: number;
  type: string;
  item_id: string;
  title: string;
  locality: string;
  at: string;
}

/**
 * What `writeLargeLibrary` wrote gets tracks: twenty loops from each of its places, ridden again and again. All that were ridden on one
 * loop are written at once, since hundreds of thousands of rows one by one take seconds.
 *
 * @param bodies So many of the newest have a body that their page is made from.
 */
export function writeLargeTracks(dataDir: string, bodies: number): void {
  const db = openForWriting(dataDir, 'mirror');
  const random = createRandom(20_000);
  db.pragma('cache_size = -200000');
  const from = Object.groupBy(
    db
      .prepare<[], Item>(
        'SELECT id, type, item_id, title, locality, happened_at AS at FROM items JOIN rides ON item = id',
      )
      .all(),
    ({ locality }) => locality,
  );
  const draw = db.prepare('UPDATE rides SET thumbnail = ? WHERE item IN (SELECT value FROM json_each(?))');
  const bound = db.prepare('INSERT INTO outlines SELECT value, ?, ?, ?, ? FROM json_each(?)');
  const line = db.prepare('INSERT INTO lines SELECT 1, ?, ?, value, ? FROM json_each(?)');
  const addBody = db.prepare('INSERT INTO bodies (hash, bytes, zstd) VALUES (?, ?, ?)');
  const giveBody = db.prepare('UPDATE items SET body_id = ? WHERE id = ?');
  db.transaction(() => {
    for (const [locality, start] of Object.entries(STARTS)) {
      for (let loop = 0; loop < LOOPS_FROM_EACH; loop += 1) {
        const track_points = pointsOf(loopFrom(start, random, POINTS));
        const { outline, ride } = describeRide({ id: 1, track_points }, { account: '1' });
        const items = (from[locality] ?? []).filter(({ id }) => id % LOOPS_FROM_EACH === loop);
        const all = JSON.stringify(items.map(({ id }) => id));
        draw.run(JSON.stringify(ride.thumbnail), all);
        bound.run(outline?.west, outline?.south, outline?.east, outline?.north, all);
        for (const each of outline?.cells ?? []) line.run(each.step, each.cell, each.line, all);
        for (const { id, type, item_id, title, at } of items.filter((item) => item.id <= bodies)) {
          const began = type === 'trip' && { departed_at: at };
          const ride = { id: item_id, user_id: 1, name: title, locality, updated_at: at, ...began, track_points };
          const body = JSON.stringify({ [type]: ride });
          giveBody.run(addBody.run(hashOf(body), body.length, zstdCompressSync(body)).lastInsertRowid, id);
        }
      }
    }
  })();
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.pragma('optimize');
  db.close();
}

/** A hill on the way, which is down again at home. */
function pointsOf({ start, x, y }: Loop): { x: number; y: number; e: number }[] {
  const squeeze = Math.cos((start.lat * Math.PI) / 180);
  return x.map((east, at) => ({
    x: start.lng + east / METRES_PER_DEGREE / squeeze,
    y: start.lat + (y[at] ?? 0) / METRES_PER_DEGREE,
    e: 300 + 900 * Math.sin((Math.PI * at) / (x.length - 1)) ** 2,
  }));
}
