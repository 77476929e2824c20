import { startCluster } from '../support/postgres.ts';
import { createBrowser } from '../support/slipstream.ts';
import { WEBHOOK_PATH } from './client.ts';
import { watchCost } from './cost.ts';
import { number } from './findings.ts';
import { RIDER, startProvider } from './installation.ts';
import type { Flood } from './load.ts';
import type { Part } from './part.ts';
import { lookAt, startServe } from './several.ts';

const WEBHOOKS = 2_000;

const SIZES = `
  SELECT parent AS name, sum(pg_total_relation_size(oid))::bigint AS bytes, sum(pg_indexes_size(oid))::bigint AS indexes
  FROM (SELECT c.oid, coalesce(i.inhparent::regclass, c.oid::regclass)::text AS parent FROM pg_class c
    LEFT JOIN pg_inherits i ON i.inhrelid = c.oid WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace) AS tables
  GROUP BY parent ORDER BY 2 DESC`;

interface Size {
  name: string;
  rows: number;
  bytes: number;
  indexes: number;
}

/** Bytes in PostgreSQL, indexes included, after a library was copied and webhooks were received, one notification each: what a row of each table takes. */
export const postgresSizes: Part = async ({ processes, quick, tracks, say }) => {
  const riders = [{ id: RIDER, name: 'Robin Field', routes: 0, trips: quick ? 20 : 300 }];
  const provider = await startProvider(processes, { riders, ...(tracks !== undefined && { tracks }) });
  const cluster = await startCluster({ durable: true });
  try {
    const database = await cluster.freshDatabase();
    const environment = { DATABASE_URL: database.url, RWGPS_BASE_URL: provider.url };
    const { child, url } = await startServe(processes, environment);
    const look = await lookAt(database.url);
    const ends = await watchCost(look, [child.pid]);
    await createBrowser(url).connect(RIDER);
    while ((await look.one('SELECT count(*) FROM rides')) < provider.items.length) await look.idle();
    await child.ask('settled');
    const copied = await ends();
    const load = await processes.start(new URL('./load.ts', import.meta.url));
    const flood: Flood = {
      url: `${new URL(url).origin}${WEBHOOK_PATH}`,
      connections: 8,
      requests: quick ? WEBHOOKS / 10 : WEBHOOKS,
      // Of riders whom nobody connected: what is received and fetched for nobody.
      mail: { perRequest: 1, different: 500, riders: 10, itemsEach: 500, firstItem: 1_000_001 },
    };
    await load.ask('flood', flood);
    await child.ask('settled');
    await look.rows('VACUUM ANALYZE');
    const sizes: Size[] = [];
    for (const size of await look.rows<Record<'name' | 'bytes' | 'indexes', string>>(SIZES))
      sizes.push({
        name: size.name,
        rows: await look.one(`SELECT count(*) FROM ${size.name}`),
        bytes: Number(size.bytes),
        indexes: Number(size.indexes),
      });
    for (const { name, rows, bytes, indexes } of sizes.filter((size) => size.rows > 0))
      say(
        `${name}: ${number(rows)} rows, ${number(bytes / 1_024)} KB (${number(indexes / 1_024)} KB indexes), ${number(bytes / rows)} bytes a row`,
      );
    const raw = await look.one('SELECT sum(bytes) FROM bodies');
    const packed = await look.one('SELECT sum(length(zstd)) FROM bodies');
    const items = provider.items.length;
    say(
      `a body: ${number(raw / items)} bytes as it came, ${number(packed / items)} compressed; to copy an item took ` +
        `${((1_000 * copied.programSeconds) / items).toFixed(1)} ms of a core in Slipstream, ${((1_000 * copied.serverSeconds) / items).toFixed(1)} ms in ` +
        `the server, and ${number(copied.walBytes / items)} bytes of its log`,
    );
    await Promise.all([look.close(), child.stop(), load.stop(), provider.child.stop()]);
    const mirror = sizes.filter(({ name }) => !['deliveries', 'arrivals', 'tasks'].includes(name));
    const stored = mirror.reduce((sum, { bytes }) => sum + bytes, 0);
    return [
      {
        subject: `PostgreSQL for ${items} ${tracks === undefined ? 'generated trips' : 'recordings'}, indexes included`,
        slipstream: `${number(stored / 1_024)} KB`,
        beside: `${number(raw / 1_024)} KB of raw JSON`,
        figure: (100 * stored) / raw,
        unit: '%',
      },
    ];
  } finally {
    await cluster.stop();
  }
};
