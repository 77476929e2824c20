import { setTimeout as pause } from 'node:timers/promises';
import { type Installation, install, type Provider, RIDER, startProvider } from './installation.ts';
import { median, quantile } from './measure.ts';
import type { Part } from './part.ts';

const TRIPS = 20;
const POINTS = 4_000;
const PATIENCE_MS = 5_000;

/** From a webhook's arrival to the commit of what it announced, on an idle machine; less what the provider itself takes. */
export const lag: Part = async ({ processes, quick, say }) => {
  const provider = await startProvider(processes, {
    riders: [{ id: RIDER, name: 'Robin Field', routes: 0, trips: TRIPS, points: POINTS }],
  });
  const slipstream = await install(processes, provider);
  await slipstream.connect();
  await slipstream.mirrored(TRIPS);
  await slipstream.settled();
  const lags: number[] = [];
  const edits = quick ? 20 : 200;
  for (let edit = 0; edit < edits; edit += 1) lags.push(await lagOf(edit, provider, slipstream));
  const answers: number[] = [];
  for (let round = 0; round < 30; round += 1) answers.push(await answerTime(provider));
  const unheard = await provider.child.ask<number>('unheard');
  await slipstream.close();
  await provider.child.stop();

  const own = median(answers);
  say(`the provider itself takes ${own.toFixed(1)} ms for an item (median of ${answers.length})`);
  say(`${edits} edits; ${unheard} of their webhooks were not answered within the provider's second`);
  const line = (which: string, figure: number) => ({
    subject: `webhook to mirrored, idle, above the provider's own time, ${which}`,
    slipstream: `${figure.toFixed(0)} ms`,
    figure,
    unit: 'ms' as const,
    bound: { under: 100 },
  });
  return [line('p50', quantile(lags, 0.5) - own), line('p99', quantile(lags, 0.99) - own)];
};

/** Edits an item at the provider and watches the mirror until that is there. @returns milliseconds; all there are where it never was. */
async function lagOf(edit: number, { child, items }: Provider, { mirror }: Installation): Promise<number> {
  const item = items[edit % items.length];
  if (!item) throw new Error('The provider has no items.');
  const name = `Edit ${edit}`;
  const select = mirror.prepare<[string, string], { webhook_first: number }>(`
    SELECT webhook_first FROM fetches JOIN items USING (account_id, type, item_id)
    WHERE item_id = ? AND title = ? AND webhook_first IS NOT NULL ORDER BY fetches.id DESC LIMIT 1`);
  // Not in step with anything that happens at fixed intervals.
  await pause(60 + ((edit * 7) % 40));
  await child.ask('rename', { ...item, name });
  const deadline = Date.now() + PATIENCE_MS;
  while (Date.now() < deadline) {
    const row = select.get(String(item.id), name);
    if (row) return Date.now() - row.webhook_first;
    await pause(1);
  }
  return PATIENCE_MS;
}

async function answerTime({ url, token, items }: Provider): Promise<number> {
  const [item] = items;
  const began = performance.now();
  const response = await fetch(`${url}/api/v1/${item?.type}s/${item?.id}.json`, {
    headers: { authorization: `Bearer ${token}` },
  });
  await response.arrayBuffer();
  return performance.now() - began;
}
