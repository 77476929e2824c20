import { Readable } from 'node:stream';
import type { Pictures } from '../photos.ts';
import type { Queries } from './database.ts';

/** The largest picture is twenty megabytes, and many may be looked at together: so much of each is in memory at once. */
const SLICE_BYTES = 512 * 1024;

/** The bytes as rows: processes on several machines have nothing in common but the database. */
export function createPictures(db: Queries): Pictures {
  const sizeOf = async (hash: string): Promise<number | undefined> =>
    (await db.get<{ size: number }>('SELECT length(bytes) AS size FROM picture_bytes WHERE hash = @hash', { hash }))?.size;

  async function* slices(hash: string, size: number): AsyncGenerator<Buffer> {
    for (let from = 0; from < size; from += SLICE_BYTES) {
      const row = await db.get<{ slice: Buffer }>(
        `SELECT substring(bytes FROM @from::integer FOR ${SLICE_BYTES}) AS slice FROM picture_bytes WHERE hash = @hash`,
        { hash, from: from + 1 },
      );
      if (!row) throw new Error('The picture was erased while it was read.');
      yield row.slice;
    }
  }

  return {
    async put(hash, bytes) {
      await db.run(
        `WITH mark AS (INSERT INTO loose_pictures (hash) VALUES (@hash))
        INSERT INTO picture_bytes (hash, bytes) VALUES (@hash, @bytes) ON CONFLICT DO NOTHING`,
        { hash, bytes },
      );
    },
    async has(hash) {
      return (await sizeOf(hash)) !== undefined;
    },
    async read(hash) {
      const size = await sizeOf(hash);
      return size === undefined ? undefined : Readable.from(slices(hash, size), { objectMode: false });
    },
  };
}
