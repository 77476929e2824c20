import { bytes } from './answer.ts';
import type { Endpoints } from './call.ts';
import { landscape } from './landscape.ts';

/** Those that were drawn last: whoever copies a library asks for each once, a page for a few of them again. */
const KEPT = 100;

const drawn = new Map<number, Buffer>();

/** Pictures for the `photos` of items: a landscape drawn out of the photo's id, the same each time. */
export const photoEndpoints: Endpoints = () => [
  {
    method: 'get',
    path: /^\/photos\/(\d+)\/\w+\.png$/,
    open: true,
    answer: (call) => bytes(picture(Number(call.matched[0])), 'image/png'),
  },
];

function picture(id: number): Buffer {
  const png = drawn.get(id) ?? landscape(id);
  drawn.delete(id);
  drawn.set(id, png);
  const [oldest] = drawn.keys();
  if (drawn.size > KEPT && oldest !== undefined) drawn.delete(oldest);
  return png;
}
