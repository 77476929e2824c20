import { open, stat } from 'node:fs/promises';
import { EtagMismatch, type RangeResponse, type Source } from 'pmtiles';

/** No directory and no tile is larger; a damaged file may say so. */
const MOST_AT_ONCE = 64 * 1024 * 1024;

/** The state of a file: another one in its place, or other content, is another version. */
export async function versionOf(path: string): Promise<string> {
  return versionFrom(await stat(path, { bigint: true }));
}

/**
 * A PMTiles archive on disk, as its reader asks for it: by ranges. The file is opened for each of them, so it may be replaced at any time:
 * the version that comes with the bytes tells the reader to begin anew.
 */
export function tileFile(path: string): Source {
  return {
    getKey: () => path,
    async getBytes(offset, length, _signal, version): Promise<RangeResponse> {
      if (length > MOST_AT_ONCE) throw new Error(`It speaks of a part of ${length} bytes, which no archive has.`);
      await using file = await open(path, 'r');
      const etag = versionFrom(await file.stat({ bigint: true }));
      if (version && version !== etag) throw new EtagMismatch('The file was replaced.');
      const bytes = new ArrayBuffer(length);
      const { bytesRead } = await file.read(new Uint8Array(bytes), 0, length, offset);
      // Only the first read may be longer than the file: it takes whatever the beginning is.
      if (bytesRead < length && offset > 0)
        throw new Error('It ends before its content does: it was not copied whole.');
      return { data: bytes.slice(0, bytesRead), etag };
    },
  };
}

function versionFrom({ ino, size, mtimeNs }: { ino: bigint; size: bigint; mtimeNs: bigint }): string {
  return [ino, size, mtimeNs].map((part) => part.toString(36)).join('-');
}
