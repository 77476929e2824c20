import type { Copy } from './bare-loop.ts';
import { number } from './findings.ts';
import { install, RIDER, startProvider } from './installation.ts';
import type { Part } from './part.ts';
import type { Which } from './provider.ts';

const POINTS = 4_000;
/** The default of `FETCH_CONCURRENCY`. */
const CONCURRENCY = 4;
const WARM_UP = 100;

/**
 * A whole library from a provider without latency, beside a bare loop of fetch, parse, insert. The loop copies every second item:
 * a quarter of the library before, a quarter after, so that both meet the same machine.
 */
export const backfill: Part = async ({ processes, quick, say }) => {
  const [routes, trips] = quick ? [100, 400] : [1_000, 4_000];
  const riders = [{ id: RIDER, name: 'Robin Field', routes, trips, points: POINTS }];
  const provider = await startProvider(processes, { riders });
  const { items } = provider;
  const loop = await processes.start(new URL('./bare-loop.ts', import.meta.url));
  const folder = processes.folder();
  const bare = (some: Which[]) => {
    const copy: Copy = { url: provider.url, token: provider.token, items: some, concurrency: CONCURRENCY, folder };
    return loop.ask<number>('copy', copy);
  };

  await bare(items.slice(0, WARM_UP));
  const quarter = Math.floor(items.length / 4);
  const before = await bare(items.filter((_, index) => index % 4 === 0).slice(0, quarter));
  const { seconds, peak } = await copyAll();
  const after = await bare(items.filter((_, index) => index % 4 === 2).slice(0, quarter));
  await Promise.all([loop.stop(), provider.child.stop()]);

  say(
    `the bare loop took ${before.toFixed(1)} s for a quarter before and ${after.toFixed(1)} s for a quarter after; Slipstream ${seconds.toFixed(1)} s for all`,
  );
  const rates = { slipstream: items.length / seconds, bare: (2 * quarter) / (before + after) };
  return [
    {
      subject: `backfill of ${number(items.length)} items of ${number(POINTS)} points`,
      slipstream: `${number(rates.slipstream)} items/s`,
      beside: `${number(rates.bare)} items/s fetch, parse, insert`,
      figure: rates.slipstream / rates.bare,
      unit: '×',
      bound: { atLeast: 0.7 },
    },
    {
      subject: 'resident memory meanwhile, at most',
      slipstream: `${number(peak)} MB`,
      figure: peak,
      unit: 'MB',
      bound: { under: 400 },
    },
  ];

  async function copyAll() {
    const slipstream = await install(processes, provider);
    const began = performance.now();
    await slipstream.connect();
    await slipstream.mirrored(items.length);
    const seconds = (performance.now() - began) / 1_000;
    const peak = slipstream.peak();
    await slipstream.close();
    return { seconds, peak };
  }
};
