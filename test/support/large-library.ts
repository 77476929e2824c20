import { DESCRIPTION } from '../../src/storage/items.ts';
import { openForWriting } from '../../src/storage/sqlite/open.ts';

const PLACES = [
  ['Kranjska Gora', 'Upper Carniola', 'SI', 'Slovenia'],
  ['Ljubljana', 'Central Slovenia', 'SI', 'Slovenia'],
  ['Udine', 'Friuli', 'IT', 'Italy'],
  ['Villach', 'Carinthia', 'AT', 'Austria'],
  ['Girona', 'Catalonia', 'ES', 'Spain'],
  ['Portland', 'Oregon', 'US', 'United States'],
] as const;
const NAMES = ['Evening loop', 'Vršič before breakfast', 'Commute', 'Coffee and gravel', 'Recovery spin'];
const ACTIVITIES = ['cycling:road', 'cycling:gravel', 'cycling:mountain', 'walking:hiking', 'running'];

/** Fifteen years of riding of the account 1, in `mirror.db`, written as the triggers see it and without bodies: what lists look at. */
export function writeLargeLibrary(dataDir: string, items: number): void {
  const db = openForWriting(dataDir, 'mirror');
  db.prepare(`INSERT INTO accounts (id, source, user_id, name, client, token_kind, connected_at, owner)
    VALUES (1, 'ridewithgps', '1', 'Robin Field', 'key', 'bearer', 0, 1)`).run();
  db.prepare(`INSERT INTO bodies VALUES (1, x'00', 2, x'00')`).run();
  const item = db.prepare(`
    INSERT INTO items (id, account_id, type, item_id, version, seq, body_id, owned, began_at, fetched_at, title, happened_at)
    VALUES (?, 1, ?, ?, ?, 1, 1, 1, 0, 0, ?, ?)`);
  const ride = db.prepare(`
    INSERT INTO rides (item, description, visibility, locality, administrative_area, country_code, country, activity_type, distance,
      elevation_gain, duration, moving_time, departed_at, gear_id, gear_name, name_key, described, thumbnail)
    VALUES (?, ?, 'public', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ${DESCRIPTION}, ?)`);
  const thumbnail = JSON.stringify(Array.from({ length: 65 }, (_, at) => [at % 48, (at * 7) % 48]));
  const description = 'Fog in the valley, sun above the tenth hairpin, and a long way home. '.repeat(4);
  db.transaction(() => {
    for (let id = 1; id <= items; id += 1) {
      const at = new Date(Date.parse('2026-07-04T06:00:00Z') - id * 6.5 * 3_600_000).toISOString();
      const type = id % 5 === 0 ? 'route' : 'trip';
      const name = `${NAMES[id % NAMES.length]} ${id}`;
      const [locality, area, code, country] = PLACES[((id * 7) % 37) % PLACES.length] ?? PLACES[0];
      const distance = 5_000 + ((id * 7_919) % 150_000);
      const bike = id % 4;
      item.run(id, type, String(id), at, name, at);
      ride.run(
        ...[
          id,
          description,
          locality,
          area,
          code,
          country,
          ACTIVITIES[id % ACTIVITIES.length],
          distance,
          distance / 60,
        ],
        ...[distance / 5, distance / 6, type === 'trip' ? at : null, String(bike), `Bike ${bike}`, name.toLowerCase()],
        thumbnail,
      );
    }
  })();
  db.pragma('optimize');
  db.close();
}
