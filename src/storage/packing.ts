import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';

/** Smaller bodies are one page of the database either way. */
const PACKED_FROM_BYTES = 4_096;
const FASTEST = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

export interface Packed {
  body: Buffer;
  /** 1: `body` is zstd. */
  packed: 0 | 1;
}

/** A full batch says much the same a hundred times: packing it takes less time than writing it to the log and to the file would. */
export function pack(body: Buffer): Packed {
  return body.length < PACKED_FROM_BYTES ? { body, packed: 0 } : { body: zstdCompressSync(body, FASTEST), packed: 1 };
}

export const unpack = ({ body, packed }: { body: Buffer; packed: number }): Buffer =>
  packed === 1 ? zstdDecompressSync(body) : body;
