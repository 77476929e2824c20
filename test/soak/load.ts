import { zstdDecompressSync } from 'node:zlib';
import { number } from '../bench/findings.ts';
import { type Installation, install, type Provider, startProvider } from '../bench/installation.ts';
import type { Flood, Flooded } from '../bench/load.ts';
import type { Part } from '../bench/part.ts';
import { connectAll } from './connect-all.ts';
import { watchMemory } from './memory.ts';

const PER_REQUEST = 100;
const CONNECTIONS = 32;
/** Bodies that are compared byte for byte; of all others what they are called. */
const SAMPLE = 200;
const LONGEST_MS = 1_000;
const MOST_GROWTH = 1.25;
const MOST_MB = 700;

/**
 * Full batches at full speed about everything that all riders have, while the pool fetches it. In the middle everything changes once
 * more, so that what was fetched, and what is being fetched, must be fetched again. Nothing is looked for in another way.
 */
export const load: Part = async ({ processes, quick, say }) => {
  const [riders, itemsEach, requests] = quick ? [10, 40, 200] : [100, 200, 10_000];
  const items = riders * itemsEach;
  const plans = Array.from({ length: riders }, (_, index) => ({
    id: index + 1,
    name: `Rider ${index + 1}`,
    routes: 0,
    trips: itemsEach,
    points: 60,
  }));
  const provider = await startProvider(processes, { riders: plans });
  const slipstream = await install(processes, provider, { SIGNUP: 'open', RECONCILE_CRON: 'off' });
  const sender = await processes.start(new URL('../bench/load.ts', import.meta.url));
  await connectAll(slipstream, plans, say);
  await slipstream.mirrored(items);
  await slipstream.settled();
  say(`${number(items)} items are copied`);

  const before = await slipstream.counts();
  const memory = watchMemory(slipstream.resident);
  const began = performance.now();
  const floods = [await change('Before'), await change('After')];
  const flooded = performance.now();
  say(`all was sent in ${seconds(began, flooded)} s`);
  await slipstream.settled();
  const settled = performance.now();
  const { first, last, most } = memory.stop();
  say(`all was fetched ${seconds(flooded, settled)} s later`);

  const { taken, claimed, claims } = await slipstream.counts();
  const acknowledged = PER_REQUEST * floods.reduce((sum, each) => sum + each.acknowledged, 0);
  const refused = floods.reduce((sum, each) => sum + each.refused, 0);
  const longest = Math.max(...floods.map((each) => each.longest));
  const became = Math.min(taken - before.taken, claimed - before.claimed);
  const different = await differences(provider, slipstream);
  await slipstream.close();
  await Promise.all([sender.stop(), provider.child.stop()]);
  say(`${number(claims - before.claims)} fetches stood for all notifications; ${refused} requests were refused`);

  return [
    {
      subject: `load held: notifications about ${number(items)} items of ${riders} riders, ${PER_REQUEST} a request`,
      slipstream: `${number(acknowledged)} acknowledged, ${number(acknowledged / ((flooded - began) / 1_000))} a second`,
      beside: `${number(became)} became tasks or joined one, ${refused} requests refused`,
      figure: acknowledged - became + refused,
      unit: 'lost',
      bound: { atMost: 0 },
    },
    {
      subject: 'load held: the longest acknowledgement',
      slipstream: `${longest.toFixed(0)} ms`,
      figure: longest,
      unit: 'ms',
      bound: { under: LONGEST_MS },
    },
    {
      subject: 'load held: resident memory, the last third of the time against the first',
      slipstream: `${number(last)} MB`,
      beside: `${number(first)} MB in the first third`,
      figure: last / first,
      unit: '×',
      bound: { atMost: MOST_GROWTH },
    },
    {
      subject: 'load held: resident memory, at most',
      slipstream: `${number(most)} MB`,
      figure: most,
      unit: 'MB',
      bound: { under: MOST_MB },
    },
    {
      subject: 'load held: items that are not as the provider has them in the end',
      slipstream: `${different} of ${number(items)}`,
      figure: different,
      unit: 'different',
      bound: { atMost: 0 },
    },
  ];

  /** Everything changes without a word, and is then told of, again and again. */
  async function change(name: string): Promise<Flooded> {
    await provider.child.ask('renameAll', name);
    const order: Flood = {
      url: slipstream.webhookUrl,
      connections: CONNECTIONS,
      requests: requests / 2,
      mail: { perRequest: PER_REQUEST, different: items / PER_REQUEST, riders, itemsEach, firstItem: 1_001 },
    };
    return sender.ask<Flooded>('flood', order);
  }
};

const seconds = (from: number, to: number): string => ((to - from) / 1_000).toFixed(1);

/** By their names all items, by their bytes some of them. @returns how many differ. */
async function differences({ child, url }: Provider, { mirror }: Installation): Promise<number> {
  const names = await child.ask<Record<string, string>>('names');
  const titles = mirror.prepare<[], { key: string; title: string }>(`
    SELECT user_id || ' ' || type || '/' || item_id AS key, title FROM items JOIN accounts ON accounts.id = account_id`);
  const here = new Map(titles.all().map(({ key, title }) => [key, title]));
  const wrong = Object.entries(names).filter(([key, name]) => here.get(key) !== name).length;

  const step = Math.max(1, Math.floor(here.size / SAMPLE));
  const sample = [...here.keys()].filter((_, index) => index % step === 0);
  let changed = 0;
  for (const key of sample) if (!(await sameBytes(key))) changed += 1;
  return wrong + changed + Math.abs(here.size - Object.keys(names).length);

  async function sameBytes(key: string): Promise<boolean> {
    const [rider = '', type = '', id = ''] = key.split(/[ /]/);
    const token = await child.ask<string>('token', Number(rider));
    const response = await fetch(`${url}/api/v1/${type}s/${id}.json`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const body = mirror
      .prepare<[string, string, string], Buffer>(`
        SELECT zstd FROM items JOIN accounts ON accounts.id = account_id JOIN bodies ON bodies.id = body_id
        WHERE user_id = ? AND type = ? AND item_id = ?`)
      .pluck()
      .get(rider, type, id);
    return body !== undefined && zstdDecompressSync(body).equals(Buffer.from(await response.arrayBuffer()));
  }
}
