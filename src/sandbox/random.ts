/** Chance that can be repeated: the same seed gives the same world on every machine. */
export interface Random {
  /** From 0 (included) to 1 (excluded). */
  next(): number;
  between(low: number, high: number): number;
  /** Both ends included. */
  integer(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly [T, ...T[]]): T;
  /** Lower-case letters and digits. */
  word(length: number): string;
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** Scrambles 32 bits so that neighbouring inputs have nothing in common. */
function scramble(value: number): number {
  let bits = value | 0;
  bits = Math.imul(bits ^ (bits >>> 15), 0x2c1b3c6d);
  bits = Math.imul(bits ^ (bits >>> 12), 0x297a2d39);
  return (bits ^ (bits >>> 15)) >>> 0;
}

/** One seed out of several parts, for example `seedOf(worldSeed, 'trip', 7)`. */
export function seedOf(...parts: (number | string)[]): number {
  let seed = 0x51ab;
  for (const letter of parts.join('|')) seed = scramble(seed + (letter.codePointAt(0) ?? 0));
  return seed;
}

/** A counter, scrambled: cheap, and a stream can be made anywhere out of a seed. */
export function createRandom(seed: number): Random {
  let count = 0;
  const next = () => scramble(seed + Math.imul(++count, 0x6c8e9cf5)) / 4294967296;
  const integer = (low: number, high: number) => low + Math.floor(next() * (high - low + 1));
  return {
    next,
    integer,
    between: (low, high) => low + next() * (high - low),
    chance: (probability) => next() < probability,
    pick: (list) => list[integer(0, list.length - 1)] ?? list[0],
    word: (length) => Array.from({ length }, () => LETTERS[integer(0, 35)]).join(''),
  };
}

/** Smooth noise from -1 to 1 that changes over about one unit. */
export interface Noise {
  along(at: number): number;
  over(x: number, y: number): number;
}

const ease = (part: number) => part * part * (3 - 2 * part);

export function createNoise(seed: number): Noise {
  const corner = (x: number, y: number) =>
    scramble(seed + Math.imul(x, 0x27d4eb2f) + Math.imul(y, 0x165667b1)) / 2147483648 - 1;
  const row = (x: number, part: number, y: number) => {
    const left = corner(x, y);
    return left + (corner(x + 1, y) - left) * part;
  };
  return {
    along: (at) => row(Math.floor(at), ease(at - Math.floor(at)), 0),
    over(x, y) {
      const column = Math.floor(x);
      const line = Math.floor(y);
      const part = ease(x - column);
      const below = row(column, part, line);
      return below + (row(column, part, line + 1) - below) * ease(y - line);
    },
  };
}
