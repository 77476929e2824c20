import { createHash } from 'node:crypto';

/** A value of a row as both sides have it: of bytes their SHA-256, so that the server need not send them back. */
export type Value = string | number | boolean | null | Buffer;

export interface Sum {
  rows: number;
  /** Hexadecimal, over all rows and each value in them. */
  sha256: string;
}

export interface Checksum {
  add(row: readonly Value[]): void;
  sum(): Sum;
}

const MODULUS = 1n << 256n;

/**
 * SHA-256 over the rows of a table, the same whichever of them comes first: the hashes of the rows are added. So either side is read
 * once, in its own order, and nobody has to agree with the other on how text is sorted.
 */
export function createChecksum(): Checksum {
  let rows = 0;
  let total = 0n;
  return {
    add(row) {
      rows += 1;
      const hash = createHash('sha256').update(row.map(canonical).join('\n')).digest('hex');
      total = (total + BigInt(`0x${hash}`)) % MODULUS;
    },
    sum: () => ({ rows, sha256: total.toString(16).padStart(64, '0') }),
  };
}

/** SQLite has 0 and 1 where PostgreSQL has false and true. */
function canonical(value: Value): string {
  if (value === null) return '-';
  if (typeof value === 'string') return `"${value.length}:${value}`;
  return Buffer.isBuffer(value) ? `x${value.toString('hex')}` : String(Number(value));
}

export const sha256 = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest();
