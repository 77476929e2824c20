import type { Piece } from './cells.ts';

/** Pieces as bytes: for each its number of points, then what each point is away from the one before, all as varints. */
export function pack(pieces: readonly Piece[]): Uint8Array {
  const bytes: number[] = [];
  let [x, y] = [0, 0];
  for (const piece of pieces) {
    write(bytes, piece.length / 2);
    for (let at = 0; at < piece.length; at += 2) {
      const [nextX, nextY] = [piece[at] ?? 0, piece[at + 1] ?? 0];
      write(bytes, zigzag(nextX - x));
      write(bytes, zigzag(nextY - y));
      [x, y] = [nextX, nextY];
    }
  }
  return Uint8Array.from(bytes);
}

const zigzag = (value: number): number => ((value << 1) ^ (value >> 31)) >>> 0;

function write(bytes: number[], value: number): void {
  let left = value;
  while (left > 127) {
    bytes.push((left & 127) | 128);
    left >>>= 7;
  }
  bytes.push(left);
}

/**
 * Reads them again, one after the other and without making anything: a tile has hundreds of thousands of points.
 *
 * @param next - is given each point; `first`: a piece begins with it.
 */
export function unpack(bytes: Uint8Array, next: (x: number, y: number, first: boolean) => void): void {
  let [at, x, y] = [0, 0, 0];
  const read = (): number => {
    let byte = bytes[at++] as number;
    if (byte < 128) return byte;
    let value = byte & 127;
    for (let shift = 7; byte > 127; shift += 7) {
      byte = bytes[at++] as number;
      value |= (byte & 127) << shift;
    }
    return value >>> 0;
  };
  while (at < bytes.length) {
    const points = read();
    for (let point = 0; point < points; point += 1) {
      const [dx, dy] = [read(), read()];
      x += (dx >>> 1) ^ -(dx & 1);
      y += (dy >>> 1) ^ -(dy & 1);
      next(x, y, point === 0);
    }
  }
}
