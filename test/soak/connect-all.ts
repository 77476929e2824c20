import type { Installation } from '../bench/installation.ts';

/** As many browsers as a busy evening brings. */
const AT_ONCE = 8;

/** Every rider presses Connect and Authorize. */
export async function connectAll(
  slipstream: Installation,
  riders: readonly { id: number }[],
  say: (line: string) => void,
): Promise<void> {
  const began = performance.now();
  const rest = [...riders];
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let rider = rest.shift(); rider; rider = rest.shift()) await slipstream.connect(rider.id);
    }),
  );
  say(`${riders.length} riders connected in ${((performance.now() - began) / 1_000).toFixed(1)} s`);
}
