import { createNoise, createRandom } from '../random.ts';
import { raw } from './answer.ts';
import type { Endpoints } from './call.ts';

/** Pictures for the `photos` of items: a landscape drawn out of the photo's id. */
export const photoEndpoints: Endpoints = () => [
  {
    method: 'get',
    path: /^\/photos\/(\d+)\/\w+\.svg$/,
    open: true,
    answer: (call) => raw(landscape(Number(call.matched[0])), 'image/svg+xml'),
  },
];

function landscape(id: number): string {
  const random = createRandom(id);
  const noise = createNoise(id);
  const hue = random.integer(0, 359);
  const ridge = (row: number) => {
    const tops = Array.from(
      { length: 33 },
      (_, index) => `${index * 25},${Math.round(190 + row * 75 + 70 * noise.over(index / 6, row * 9))}`,
    );
    return `<polygon fill="hsl(${(hue + row * 14) % 360} ${22 + row * 6}% ${66 - row * 14}%)" points="0,600 ${tops.join(' ')} 800,600"/>`;
  };
  const sun = `<circle cx="${random.integer(100, 700)}" cy="${random.integer(70, 180)}" r="34" fill="hsl(42 80% 88%)"/>`;
  const sky = `<rect width="800" height="600" fill="hsl(${(hue + 200) % 360} 45% 84%)"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 600" width="800" height="600">${sky}${sun}${[0, 1, 2, 3].map(ridge).join('')}</svg>`;
}
