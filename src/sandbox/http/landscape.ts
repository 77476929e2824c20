import { createNoise, createRandom } from '../random.ts';
import { type Colour, pngOf } from './png.ts';

const WIDTH = 800;
const HEIGHT = 600;
const SKY_SHADES = 96;
const RIDGES = 6;
const RIDGE_SHADES = 24;

/** Hills behind hills under a low sun, out of a number: a PNG of 800 × 600 dots. */
export function landscape(seed: number): Buffer {
  const random = createRandom(seed);
  const noise = createNoise(seed);
  const mood = random.pick(MOODS);
  const sun = { x: random.integer(120, 680), y: random.integer(130, 230), radius: random.integer(22, 34) };
  const tops = Array.from({ length: RIDGES }, (_, row) => ridge(noise, row));
  const palette = [...shades(mood.zenith, mood.horizon, SKY_SHADES), mood.sun, ...hills(mood)];
  const dots = new Uint8Array(WIDTH * HEIGHT);
  for (let x = 0; x < WIDTH; x += 1) drawColumn(dots, x, tops, sun);
  return pngOf(WIDTH, HEIGHT, palette, dots);
}

interface Mood {
  zenith: Colour;
  horizon: Colour;
  sun: Colour;
  /** The air between the hills, and the nearest hill. */
  far: Colour;
  near: Colour;
}

const MOODS: readonly [Mood, ...Mood[]] = [
  { zenith: [74, 118, 168], horizon: [238, 222, 196], sun: [255, 246, 220], far: [178, 196, 204], near: [34, 62, 52] },
  { zenith: [52, 62, 110], horizon: [250, 176, 120], sun: [255, 232, 186], far: [214, 156, 138], near: [40, 34, 56] },
  { zenith: [110, 162, 190], horizon: [232, 240, 238], sun: [255, 255, 244], far: [180, 206, 208], near: [46, 84, 58] },
  { zenith: [126, 128, 150], horizon: [226, 214, 208], sun: [248, 240, 228], far: [188, 184, 188], near: [70, 60, 50] },
];

/** The upper edge of each hill, from the far ones to the near ones: broad shapes, with smaller ones upon them. */
function ridge(noise: ReturnType<typeof createNoise>, row: number): Float64Array {
  const base = 235 + row * 68;
  const steep = 78 - row * 5;
  return Float64Array.from({ length: WIDTH }, (_, x) => {
    const broad = noise.over(x / (190 - row * 12), row * 7.3);
    const small = noise.over(x / 44, row * 7.3 + 40) * 0.24 + noise.over(x / 13, row * 7.3 + 80) * 0.07;
    return base - steep * (broad + small);
  });
}

/** From the nearest hill to the sky, so that no dot is drawn twice: a sandbox draws hundreds of pictures. */
function drawColumn(
  dots: Uint8Array,
  x: number,
  tops: readonly Float64Array[],
  sun: { x: number; y: number; radius: number },
): void {
  let end = HEIGHT;
  for (let row = RIDGES - 1; row >= 0; row -= 1) {
    const top = tops[row]?.[x] ?? HEIGHT;
    const first = SKY_SHADES + 1 + row * RIDGE_SHADES;
    const begin = Math.max(0, Math.ceil(top));
    for (let y = begin; y < end; y += 1) dots[y * WIDTH + x] = first + step((y - top) / 130, RIDGE_SHADES);
    end = Math.min(end, begin);
  }
  const across = (x - sun.x) ** 2;
  for (let y = 0; y < end; y += 1) {
    const inSun = across + (y - sun.y) ** 2 < sun.radius ** 2;
    dots[y * WIDTH + x] = inSun ? SKY_SHADES : step(y / 330, SKY_SHADES);
  }
}

const step = (part: number, steps: number): number => Math.min(Math.floor(part * steps), steps - 1);

/** Each hill is darker at its edge, and fades into the air of the valley before the next one. */
function hills({ far, near }: Mood): Colour[] {
  return Array.from({ length: RIDGES }, (_, row) => {
    const edge = mixed(far, near, 0.18 + (0.82 * row) / (RIDGES - 1));
    return shades(edge, mixed(edge, far, 0.55 - row * 0.08), RIDGE_SHADES);
  }).flat();
}

const shades = (from: Colour, to: Colour, steps: number): Colour[] =>
  Array.from({ length: steps }, (_, at) => mixed(from, to, at / (steps - 1)));

const mixed = (from: Colour, to: Colour, part: number): Colour => {
  const channel = (at: 0 | 1 | 2) => Math.round(from[at] + (to[at] - from[at]) * part);
  return [channel(0), channel(1), channel(2)];
};
