import { zstdDecompressSync } from 'node:zlib';
import { CannotMove } from './cannot-move.ts';
import { sha256 } from './checksum.ts';
import type { Cell, Installation } from './installation.ts';
import type { Step } from './plan.ts';

/**
 * The rows of a table, each body among them compared with the hash that it was stored under.
 *
 * @throws CannotMove when the disk has changed one: a copy of that would be called whole.
 */
export function* wholeRows(here: Installation, step: Step): Iterable<Cell[]> {
  const [id, hash, zstd] = ['id', 'hash', 'zstd'].map((name) =>
    step.columns.findIndex((column) => column.name === name),
  );
  for (const row of here.rows(step.database, step.select)) {
    if (step.name === 'bodies' && !isWhole(row[hash ?? 0], row[zstd ?? 0])) throw damaged(here, Number(row[id ?? 0]));
    yield row;
  }
}

function isWhole(hash: Cell | undefined, zstd: Cell | undefined): boolean {
  if (!Buffer.isBuffer(hash) || !Buffer.isBuffer(zstd)) return false;
  try {
    return sha256(zstdDecompressSync(zstd)).equals(hash);
  } catch {
    // It cannot even be decompressed.
    return false;
  }
}

function damaged(here: Installation, body: number): CannotMove {
  const whose = here.get(
    'mirror',
    `SELECT type || 's/' || item_id FROM items WHERE body_id = ${body}
       OR id IN (SELECT item FROM revisions WHERE body_id = ${body}) ORDER BY body_id = ${body} DESC`,
  );
  return new CannotMove(
    `mirror.db is damaged: what is stored of ${whose ?? 'an item'} is not what was stored. Nothing was copied. Put a backup in its place with "slipstream restore", then try again.`,
  );
}
