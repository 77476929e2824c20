import { createHash } from 'node:crypto';

/** A tile as it is sent: gzipped, or empty. */
interface Tile {
  body: Buffer;
  /** Of the bytes: what is the same again has the same one, whatever changed elsewhere. */
  etag: string;
}

export interface TileCache {
  /** The tile under this key, cut at most once however many ask. `wanted`: does somebody still wait when its turn comes? */
  get(accountId: number, key: string, wanted: () => boolean): Promise<Tile | undefined>;
}

/** Cutting takes a thread of the pool for a moment: one rider's map must leave room for everybody's fetches. */
const AT_ONCE = 2;

/**
 * Tiles in memory, the least used one going first. What a key says must change with whatever changes its tile.
 *
 * @param most - bytes.
 */
export function createTileCache(cut: (accountId: number, key: string) => Promise<Uint8Array>, most: number): TileCache {
  const kept = new Map<string, Tile>();
  const cutting = new Map<string, Promise<Tile | undefined>>();
  const turns = new Map<number, { running: number; waiting: (() => void)[] }>();
  let bytes = 0;

  async function turnOf(accountId: number): Promise<() => void> {
    const turn = turns.get(accountId) ?? { running: 0, waiting: [] };
    turns.set(accountId, turn);
    if (turn.running < AT_ONCE) turn.running += 1;
    else await new Promise<void>((resolve) => turn.waiting.push(resolve));
    return () => {
      const next = turn.waiting.shift();
      if (next) return next();
      turn.running -= 1;
      if (turn.running === 0) turns.delete(accountId);
    };
  }

  async function make(accountId: number, key: string, wanted: () => boolean): Promise<Tile | undefined> {
    const leave = await turnOf(accountId);
    try {
      if (!wanted()) return undefined;
      const body = Buffer.from(await cut(accountId, key));
      const tile = { body, etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"` };
      keep(`${accountId} ${key}`, tile);
      return tile;
    } finally {
      leave();
    }
  }

  function keep(name: string, tile: Tile): void {
    kept.set(name, tile);
    bytes += sizeOf(name, tile);
    for (const [oldest, old] of kept) {
      if (bytes <= most) return;
      kept.delete(oldest);
      bytes -= sizeOf(oldest, old);
    }
  }

  return {
    async get(accountId, key, wanted) {
      const name = `${accountId} ${key}`;
      const tile = kept.get(name);
      if (tile) {
        kept.delete(name);
        kept.set(name, tile);
        return tile;
      }
      // Whoever asks second may get nothing because the first one went away: then it is this one's turn.
      const begun = cutting.get(name);
      if (begun) return (await begun) ?? this.get(accountId, key, wanted);
      const work = make(accountId, key, wanted).finally(() => cutting.delete(name));
      cutting.set(name, work);
      return work;
    },
  };
}

/** With what the entry itself takes, about. */
const sizeOf = (name: string, { body }: Tile): number => body.length + 2 * name.length + 200;
