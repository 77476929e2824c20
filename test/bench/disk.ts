import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { number } from './findings.ts';
import { install, RIDER, startProvider } from './installation.ts';
import type { Part } from './part.ts';

/** Bytes on disk, indexes included, against the JSON that was copied: rides of one point a second, or a folder of recordings. */
export const disk: Part = async ({ processes, quick, tracks, say }) => {
  const riders = [{ id: RIDER, name: 'Robin Field', routes: 0, trips: quick ? 20 : 150 }];
  const provider = await startProvider(processes, { riders, ...(tracks !== undefined && { tracks }) });
  const slipstream = await install(processes, provider);
  await slipstream.connect();
  await slipstream.mirrored(provider.items.length);
  await slipstream.settled();
  const { dataDir } = slipstream;
  await slipstream.close();
  await provider.child.stop();

  const files = ['mirror.db', 'inbox.db'].map((name) => ({ name, bytes: checkpointed(join(dataDir, name)) }));
  const stored = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const { raw, bodies } = contentOf(join(dataDir, 'mirror.db'));
  say(
    `${provider.items.length} items from ${tracks ?? 'generated rides'}, ${bodies} bodies of ${kilobytes(raw / bodies)} on average; ${files.map(({ name, bytes }) => `${name} ${kilobytes(bytes)}`).join(', ')}`,
  );
  return [
    {
      subject: `disk for ${provider.items.length} ${tracks === undefined ? 'generated trips' : 'recordings'}, indexes included`,
      slipstream: kilobytes(stored),
      beside: `${kilobytes(raw)} of raw JSON`,
      figure: (100 * stored) / raw,
      unit: '%',
      bound: { atMost: 30 },
    },
  ];
};

/** Bytes, with nothing left in the log beside the file. */
function checkpointed(file: string): number {
  const db = new Database(file);
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.close();
  return statSync(file).size + (existsSync(`${file}-wal`) ? statSync(`${file}-wal`).size : 0);
}

function contentOf(mirror: string): { raw: number; bodies: number } {
  const db = new Database(mirror, { readonly: true });
  const row = db
    .prepare<[], { raw: number; bodies: number }>('SELECT sum(bytes) AS raw, count(*) AS bodies FROM bodies')
    .get();
  db.close();
  return row ?? { raw: 0, bodies: 0 };
}

const kilobytes = (bytes: number): string => `${number(bytes / 1_024)} KB`;
