import { type Finding, number } from './findings.ts';
import { install, RIDER, startProvider } from './installation.ts';
import type { Trickle, Trickled } from './load.ts';
import { quantile, watchDisk } from './measure.ts';
import type { Part } from './part.ts';

const POINTS = 4_000;
const WEBHOOKS_A_SECOND = 25;

/** How long an acknowledgement takes while a library is copied: webhooks about the same library keep coming. */
export const latency: Part = async ({ processes, quick, say }) => {
  const [routes, trips] = quick ? [100, 400] : [1_000, 4_000];
  const provider = await startProvider(processes, {
    riders: [{ id: RIDER, name: 'Robin Field', routes, trips, points: POINTS }],
  });
  const slipstream = await install(processes, provider);
  const load = await processes.start(new URL('./load.ts', import.meta.url));
  const request: Trickle = {
    url: slipstream.webhookUrl,
    perSecond: WEBHOOKS_A_SECOND,
    mail: { perRequest: 1, different: trips, riders: 1, itemsEach: trips, firstItem: 1_001 },
  };
  await slipstream.stalls();
  const stopWatching = watchDisk(processes.folder());
  const began = performance.now();
  await load.ask('trickle', request);
  await slipstream.connect();
  await slipstream.mirrored(provider.items.length);
  const seconds = (performance.now() - began) / 1_000;
  const { waits, refused, ownDelay } = await load.ask<Trickled>('stopTrickle');
  const syncs = await stopWatching();
  const stalls = await slipstream.stalls();
  const peak = slipstream.peak();
  await slipstream.close();
  await Promise.all([load.stop(), provider.child.stop()]);

  const [p50, p99, max] = [quantile(waits, 0.5), quantile(waits, 0.99), Math.max(...waits)];
  say(`${number(waits.length)} webhooks in ${seconds.toFixed(1)} s of backfill, ${refused} not answered with 200`);
  say(
    `the event loop stood still: Slipstream's p99 ${stalls.p99.toFixed(0)} ms, longest ${stalls.longest.toFixed(0)} ms; the sender's longest ${ownDelay.toFixed(0)} ms`,
  );
  const during = `acknowledgement during the backfill of ${number(provider.items.length)} items`;
  const line = (which: string, figure: number, sync: number, bound?: number): Finding => ({
    subject: `${during}, ${which}`,
    slipstream: `${figure.toFixed(1)} ms`,
    beside: `${sync.toFixed(1)} ms a bare fsync of 4 KB meanwhile`,
    figure,
    unit: 'ms',
    ...(bound !== undefined && { bound: { under: bound } }),
  });
  return [
    line('p50', p50, quantile(syncs, 0.5)),
    line('p99', p99, quantile(syncs, 0.99), 50),
    line('longest', max, Math.max(...syncs), 1_000),
    {
      subject: 'resident memory meanwhile, at most',
      slipstream: `${number(peak)} MB`,
      figure: peak,
      unit: 'MB',
      bound: { under: 400 },
    },
  ];
};
