import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { LibraryFilter } from '../storage/library.ts';
import type { ItemName, Lines } from '../storage/lines.ts';
import { cutTile, type TileAddress } from './tile.ts';
import { cellAt, cellZoom, stepOf } from './world.ts';

export interface TileRequest extends TileAddress {
  accountId: number;
  filter: LibraryFilter;
}

/** What a browser draws at once without a pause. A tile with more is cut from a coarser step: less exact, but nothing is left out. */
const MOST_POINTS = 300_000;
/** Answers to filters that are kept: the tiles of one view come one after the other. */
const FILTERS_KEPT = 4;
/** Twice as small as unpacked, in a fifth of the time that the usual level takes. */
const FAST = { level: 1 };
const pack = promisify(gzip);

/** Cuts tiles, in a worker. @returns what does: the tile, gzipped; empty where nothing is drawn. */
export function createTileCutter(
  lines: Lines,
  mostPoints: number = MOST_POINTS,
): (request: TileRequest) => Promise<Uint8Array> {
  const kept = new Map<string, Map<number, ItemName>>();

  async function shownIn({ accountId, filter }: TileRequest): Promise<Map<number, ItemName>> {
    const key = JSON.stringify([accountId, await lines.version(accountId), filter]);
    const shown = kept.get(key) ?? (await lines.shown(accountId, filter));
    kept.delete(key);
    kept.set(key, shown);
    const [oldest] = kept.keys();
    if (kept.size > FILTERS_KEPT && oldest !== undefined) kept.delete(oldest);
    return shown;
  }

  return async (request) => {
    const { accountId, z, x, y } = request;
    const shown = await shownIn(request);
    for (let step = stepOf(z); ; step -= 1) {
      const outwards = 2 ** (z - cellZoom(step));
      const cell = cellAt(step, Math.floor(x / outwards), Math.floor(y / outwards));
      const rows = shown.size === 0 ? [] : await lines.inCell(accountId, step, cell);
      const tile = cutTile(request, step, rows, shown, step === 0 ? Number.POSITIVE_INFINITY : mostPoints);
      if (tile) return tile.length === 0 ? tile : pack(tile, FAST);
    }
  };
}
