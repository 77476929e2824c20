import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { RIDERS, type SourceName } from '../../src/vocabulary.ts';
import type { Thing } from '../conformance/dialect.ts';
import type { Browser, Installation } from './slipstream.ts';

export interface ShownRecord {
  state: string;
  /** The body as JSON text. */
  text: string;
}

/** What Slipstream shows of a thing to whoever is signed in; undefined: nothing. */
export async function recordOf(
  here: Installation,
  browser: Browser,
  source: SourceName,
  thing: Thing,
): Promise<ShownRecord | undefined> {
  if (source !== RIDERS) return storedRecord(here.dataDir, source, thing);
  const response = await browser.get(`/api/v1/${thing.type}s/${thing.id}`);
  if (response.status === 404) return undefined;
  const { item } = (await response.json()) as { item: { state: string; body: unknown } };
  return { state: item.state, text: JSON.stringify(item.body) };
}

function storedRecord(dataDir: string, source: SourceName, { type, id }: Thing): ShownRecord | undefined {
  const db = new Database(join(dataDir, 'mirror.db'), { readonly: true });
  const row = db
    .prepare<string[], { state: string; zstd: Buffer }>(
      `SELECT items.state, zstd FROM items JOIN bodies ON bodies.id = body_id JOIN accounts ON accounts.id = account_id
       WHERE source = ? AND type = ? AND item_id = ?`,
    )
    .get(source, type, id);
  db.close();
  return row && { state: row.state, text: zstdDecompressSync(row.zstd).toString() };
}
