import { setTimeout as pause } from 'node:timers/promises';
import { CLIENT } from '../bench/client.ts';
import type { Finding } from '../bench/findings.ts';
import { type Installation, install, startProvider } from '../bench/installation.ts';
import { median, quantile } from '../bench/measure.ts';
import type { Part } from '../bench/part.ts';
import type { Child } from '../bench/processes.ts';
import type { Which } from '../bench/provider.ts';
import { bodyOf, deliver, notification, sign } from '../support/webhook.ts';
import { connectAll } from './connect-all.ts';

const TRIPS = 2;
/** Whoever makes trouble has more, so that it could take more than its share. */
const TRIPS_OF_TROUBLE = 20;
const TROUBLE = [1, 2, 3] as const;
const EDITS_A_SECOND = 20;
const HINTS_A_SECOND = 10;
const PATIENCE_MS = 60_000;
const MOST = 2;
/** Makes a body of a certain name eat the memory of the thread that reads it. */
const POISON = new URL('../faults/poison.mjs', import.meta.url).href;

interface Stage {
  provider: Child;
  slipstream: Installation;
  rider: number;
  /** All that the rider has. */
  own: Which[];
}

interface Trouble {
  begin(stage: Stage): Promise<unknown>;
  end(stage: Stage): Promise<unknown>;
}

const rename = (provider: Child, item: Which | undefined, name: string) => provider.ask('rename', { ...item, name });
const nameOf = ({ type, id }: Which): string => `${type}/${id}`;

/** What one rider can do to all others. */
const TROUBLES: Record<string, Trouble> = {
  'a dead token': {
    begin: ({ provider, rider }) => provider.ask('revokeAll', rider),
    end: ({ slipstream, rider }) => slipstream.connect(rider),
  },
  'a poisoned item': {
    async begin({ provider, own: [first, ...others] }) {
      await rename(provider, first, 'Poison: memory');
      await provider.ask('faults', { statusItems: Object.fromEntries(others.map((item) => [nameOf(item), 500])) });
    },
    async end({ provider, own: [first] }) {
      await provider.ask('calm');
      await rename(provider, first, 'Harmless again');
    },
  },
  'an item that never answers': {
    begin: ({ provider, own }) => provider.ask('faults', { hangItems: own.map(nameOf) }),
    end: ({ provider }) => provider.ask('calm'),
  },
};

/** A thousand riders, of whom one is in trouble: how long the others wait from the webhook to the copy, against quiet times of the same run. */
export const riders: Part = async ({ processes, quick, say }) => {
  const [count, seconds] = quick ? [50, 5] : [1_000, 30];
  const plans = Array.from({ length: count }, (_, index) => ({
    id: index + 1,
    name: `Rider ${index + 1}`,
    routes: 0,
    trips: index < TROUBLE.length ? TRIPS_OF_TROUBLE : TRIPS,
    points: 60,
  }));
  const provider = await startProvider(processes, { riders: plans });
  const slipstream = await install(processes, provider, {
    SIGNUP: 'open',
    RECONCILE_CRON: 'off',
    LOG_LEVEL: 'silent',
    NODE_OPTIONS: `--import ${POISON}`,
  });
  await connectAll(slipstream, plans, say);
  await slipstream.mirrored(plans.reduce((sum, { trips }) => sum + trips, 0));
  await slipstream.settled();

  const items = Object.keys(await provider.child.ask<Record<string, string>>('names')).map(itemNamed);
  const others = items.filter(({ rider }) => rider > TROUBLE.length);
  const findings: Finding[] = [];
  // For the compiler.
  await lags();
  for (const [index, [name, trouble]] of Object.entries(TROUBLES).entries()) {
    const rider = TROUBLE[index] ?? 0;
    const stage = { provider: provider.child, slipstream, rider, own: items.filter((item) => item.rider === rider) };
    // Before, amid and after, because machines have moods; the rider’s own webhooks are as many each time.
    const before = await round(stage);
    await trouble.begin(stage);
    const amid = await round(stage);
    await trouble.end(stage);
    await slipstream.settled();
    const undisturbed = [...before, ...(await round(stage))];
    say(`${name}: ${spread(amid)}; undisturbed ${spread(undisturbed)}`);
    findings.push({
      subject: `one rider of ${count} with ${name}: webhook to mirrored for the others, median`,
      slipstream: `${median(amid).toFixed(1)} ms`,
      beside: `${median(undisturbed).toFixed(1)} ms undisturbed`,
      figure: median(amid) / median(undisturbed),
      unit: '×',
      bound: { atMost: MOST },
    });
  }
  await slipstream.close();
  await provider.child.stop();
  return findings;

  async function round({ rider, own }: Stage): Promise<number[]> {
    const stop = keepHinting(slipstream.webhookUrl, rider, own);
    const found = await lags();
    await stop();
    return found;
  }

  /** Edits as many different items of the others as the time allows. @returns milliseconds from each webhook to its commit. */
  async function lags(): Promise<number[]> {
    const edits = Math.min(EDITS_A_SECOND * seconds, others.length);
    const since = Number(slipstream.mirror.prepare('SELECT coalesce(max(id), 0) FROM fetches').pluck().get());
    for (let edit = 0; edit < edits; edit += 1) {
      // In turn, and no item twice in a round: each edit is a fetch of its own.
      const item = others[(edit * 7) % others.length];
      await provider.child.ask('rename', { ...item, name: `Edit ${since} ${edit}` });
      await pause(1_000 / EDITS_A_SECOND);
    }
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const found = lagsOf(slipstream, since);
      if (found.length >= edits) return found;
      // What never came counts as long as it was waited for.
      if (Date.now() > deadline) return [...found, ...Array.from({ length: edits - found.length }, () => PATIENCE_MS)];
      await pause(50);
    }
  }
};

const spread = (lags: number[]): string =>
  `median ${median(lags).toFixed(1)} ms, p99 ${quantile(lags, 0.99).toFixed(0)} ms`;

/** Of all fetches since, that a webhook caused and that are not of those in trouble. */
const lagsOf = ({ mirror }: Installation, since: number): number[] =>
  mirror
    .prepare<[number], number>(`
      SELECT finished_at - webhook_first FROM fetches JOIN accounts ON accounts.id = account_id
      WHERE fetches.id > ? AND webhook_first IS NOT NULL AND CAST(user_id AS INTEGER) > ${TROUBLE.length}`)
    .pluck()
    .all(since);

function itemNamed(name: string): Which & { rider: number } {
  const [rider, type, id] = name.split(/[ /]/);
  return { rider: Number(rider), type: type === 'route' ? type : 'trip', id: Number(id) };
}

/** Signed webhooks about one rider's items: the provider itself would not send them for a token that it has revoked. */
function keepHinting(url: string, rider: number, items: Which[]): () => Promise<void> {
  let stopped = false;
  const hinting = hint();

  async function hint(): Promise<void> {
    for (let sent = 0; !stopped; sent += 1) {
      const item = items[sent % items.length];
      const body = bodyOf(notification({ user_id: rider, item_type: item?.type, item_id: item?.id }));
      const signed = { 'x-rwgps-api-key': CLIENT.apiKey, 'x-rwgps-signature': sign(body, CLIENT.clientSecret) };
      await (await deliver(url, body, signed)).arrayBuffer();
      await pause(1_000 / HINTS_A_SECOND);
    }
  }

  return () => {
    stopped = true;
    return hinting;
  };
}
