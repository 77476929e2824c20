import { constants, crc32, deflateRawSync } from 'node:zlib';
import type { Segment } from '../world/tracks.ts';

const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
/** An empty last block: what came before it was flushed and not finished. */
const LAST_BLOCK = Buffer.from([3, 0]);
const options = { level: 3, finishFlush: constants.Z_FULL_FLUSH };

/** One gzip member out of pieces that are compressed apart, so that a track shared by many answers is compressed once. */
export function gzipped(segments: readonly Segment[]): Buffer {
  let sum = 0;
  let size = 0;
  const pieces = segments.map((segment) => {
    segment.deflated ??= deflateRawSync(segment.bytes, options);
    sum = crc32(segment.bytes, sum);
    size += segment.bytes.length;
    return segment.deflated;
  });
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(sum, 0);
  trailer.writeUInt32LE(size >>> 0, 4);
  return Buffer.concat([HEADER, ...pieces, LAST_BLOCK, trailer]);
}
