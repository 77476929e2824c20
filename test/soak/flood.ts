import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { startSandbox } from '../../src/sandbox/index.ts';
import { openConnection } from '../bench/connection.ts';
import { createProgram } from '../cli/program.ts';
import { SECRET } from '../support/slipstream.ts';
import { bodyOf, notification } from '../support/webhook.ts';
import { type FloodOrder, requestOf } from './flood-sender.ts';

const ROUNDS = 6;
const ROUND_MS = 1_500;
/** As often as a busy provider sends. */
const EVERY_MS = 20;
/** Of requests that nobody signed. Each costs Slipstream some tens of microseconds, so it is no question of who has more of them. */
const FLOOD: Pick<FloodOrder, 'perSecond' | 'connections'> = { perSecond: 2_000, connections: 32 };
const CLIENT = { apiKey: 'test-key', clientId: 'test-id', clientSecret: SECRET };

/** Median milliseconds until a signed request is acknowledged, alone and in the middle of a flood. */
interface Flooded {
  median: number;
  underFlood: number;
  ratio: number;
}

/** How much a flood of unsigned requests slows signed ones: rounds with and without it take turns, because machines have moods. */
export async function flood(say: (line: string) => void): Promise<Flooded> {
  const program = createProgram();
  const sandbox = await startSandbox({
    clients: [CLIENT],
    riders: [{ id: 1, name: 'R', routes: 0, trips: 1, points: 20 }],
  });
  try {
    const served = program.start(['serve', '--json'], {
      PORT: '0',
      RECONCILE_CRON: 'off',
      AUDIT_CRON: 'off',
      LOG_LEVEL: 'error',
      RWGPS_BASE_URL: sandbox.url,
      RWGPS_API_KEY: CLIENT.apiKey,
      RWGPS_CLIENT_ID: CLIENT.clientId,
      RWGPS_CLIENT_SECRET: CLIENT.clientSecret,
    });
    const url = new URL(`${(await served.until(/"url": ?"([^"]+)"/))[1]}/webhooks/ridewithgps`);
    await acknowledgements(url);
    const alone: number[] = [];
    const amid: number[] = [];
    const rates: number[] = [];
    for (let round = 1; round <= ROUNDS; round += 1) {
      alone.push(...(await acknowledgements(url)));
      const stop = await startFlood(url);
      amid.push(...(await acknowledgements(url)));
      rates.push(await stop());
      say(
        `round ${round} of ${ROUNDS}: ${middle(alone).toFixed(2)} ms alone, ${middle(amid).toFixed(2)} ms amid ${middle(rates)} unsigned requests a second`,
      );
    }
    const [median, underFlood] = [middle(alone), middle(amid)];
    return { median, underFlood, ratio: underFlood / median };
  } finally {
    program.close();
    await sandbox.close();
  }
}

/** Signed requests one after the other. @returns how long each took, milliseconds. */
async function acknowledgements(url: URL): Promise<number[]> {
  const connection = await openConnection(url);
  const request = requestOf(url, bodyOf(notification({ user_id: 777 })), SECRET);
  const took: number[] = [];
  for (const until = Date.now() + ROUND_MS; Date.now() < until; ) {
    const began = performance.now();
    const status = await connection.send(request);
    if (status !== 200) throw new Error(`A signed request was answered with ${status}.`);
    took.push(performance.now() - began);
    await pause(EVERY_MS);
  }
  connection.close();
  return took;
}

/** In a thread of its own. Resolves when it has begun. @returns what ends it, and how many requests were answered in a second. */
async function startFlood(url: URL): Promise<() => Promise<number>> {
  const order: FloodOrder = { url: url.href, ...FLOOD };
  const worker = new Worker(new URL('./flood-sender.ts', import.meta.url), { workerData: order });
  await once(worker, 'message');
  const began = Date.now();
  return async () => {
    worker.postMessage('stop');
    const [sent] = (await once(worker, 'message')) as [number];
    await worker.terminate();
    return Math.round(sent / ((Date.now() - began) / 1_000));
  };
}

const middle = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
