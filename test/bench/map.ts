import { statSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createTileCache } from '../../src/http/tile-cache.ts';
import { createTileCutter } from '../../src/lines/tiles.ts';
import { project, WORLD } from '../../src/lines/world.ts';
import { openMirrorForReading } from '../../src/storage/sqlite/mirror.ts';
import { writeTracks } from '../support/many-tracks.ts';
import { type Finding, number } from './findings.ts';
import { quantile } from './measure.ts';
import type { Part } from './part.ts';

const TRIPS = 5_000;
const POINTS = 4_000;
const HOME = [14.505, 46.05] as const;
const ZOOMS = [0, 2, 4, 6, 8, 9, 10, 11, 12, 13, 14];
const EVERYTHING = { types: ['route' as const, 'trip' as const], state: 'active' as const };

/** The map of everything with 5,000 trips of 4,000 points, nine in ten of them from one door: what a tile takes where it is fullest. */
export const map: Part = async ({ processes, quick, say }) => {
  const trips = quick ? TRIPS / 10 : TRIPS;
  const dataDir = processes.folder();
  const described = writeTracks(dataDir, trips, POINTS);
  const mirror = openMirrorForReading(dataDir);
  const cut = createTileCutter(mirror.lines);
  const cold: number[] = [];
  const cached: number[] = [];
  const sizes: number[] = [];
  const cache = createTileCache(
    (accountId, key) => cut({ accountId, filter: EVERYTHING, ...JSON.parse(key) }),
    256 << 20,
  );

  const first = performance.now();
  await cut({ accountId: 1, filter: EVERYTHING, z: 0, x: 0, y: 0 });
  const firstOfAll = performance.now() - first;
  for (const z of ZOOMS) {
    const times: number[] = [];
    const bytes: number[] = [];
    for (const tile of around(z)) {
      const key = JSON.stringify(tile);
      const began = performance.now();
      const made = await cache.get(1, key, () => true);
      // What nobody rode through is no measure.
      if (!made || made.body.length === 0) continue;
      times.push(performance.now() - began);
      bytes.push(made.body.length);
      const again = performance.now();
      await mirror.lines.version(1);
      await cache.get(1, key, () => true);
      cached.push(performance.now() - again);
    }
    say(
      `zoom ${z}: p50 ${quantile(times, 0.5).toFixed(1)} ms, slowest ${Math.max(...times).toFixed(1)} ms, largest ${number(Math.max(...bytes) / 1_024)} KB gzipped`,
    );
    cold.push(...times);
    sizes.push(...bytes);
  }
  await mirror.close();
  const stored = statSync(join(dataDir, 'mirror.db')).size / trips;
  say(
    `mirror.db without bodies: ${number(stored)} bytes a ride; the largest tile: ${number(Math.max(...sizes) / 1_024)} KB; the first tile with a new filter: ${firstOfAll.toFixed(0)} ms`,
  );
  const line = (subject: string, figure: number, under?: number): Finding => ({
    subject,
    slipstream: `${figure.toFixed(figure < 1 ? 3 : 1)} ms`,
    figure,
    unit: 'ms',
    ...(under !== undefined && { bound: { under } }),
  });
  const subject = `of the map, ${number(trips)} trips of ${number(POINTS)} points,`;
  return [
    line(`a tile ${subject} cut, p50`, quantile(cold, 0.5)),
    line(`a tile ${subject} cut, p95`, quantile(cold, 0.95), 150),
    line(`a tile ${subject} cached, p95`, quantile(cached, 0.95), 5),
    line('describing a ride, its lines among it, p50', quantile(described, 0.5)),
    line('describing a ride, its lines among it, p95', quantile(described, 0.95)),
  ];
};

/** The tiles that a window shows with home in its middle. */
function around(z: number): { z: number; x: number; y: number }[] {
  const across = 2 ** z;
  const [x, y] = project(...HOME).map((at) => Math.floor((at / WORLD) * across)) as [number, number];
  const near = [-1, 0, 1].flatMap((dx) => [-1, 0, 1].map((dy) => ({ z, x: x + dx, y: y + dy })));
  return near.filter((tile) => Math.min(tile.x, tile.y) >= 0 && Math.max(tile.x, tile.y) < across);
}
