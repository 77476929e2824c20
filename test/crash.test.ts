import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { type Phase, surviveKills } from './support/crash.ts';
import { reportFigure } from './support/figures.ts';
import { openScene, type Scene } from './support/scene.ts';
import { createBrowser } from './support/slipstream.ts';
import { until } from './support/until.ts';
import { bodyOf, notification, sign } from './support/webhook.ts';

const KILLS = 10;
/** After ten seconds it is cut off: also a busy machine must stay clear of that. */
const STOPS_WITHIN_MS = 8_000;
/** Each of the instants that are aimed at; which ones a single kill hits is for the machine to say. */
const SURELY_HIT: Phase[] = ['after the answer, before the tasks were made', 'during a fetch'];

test(`what was acknowledged is applied after ${KILLS} kills, without reconciliation's help`, async () => {
  const seed = Date.now() % 1_000_000;
  const survival = await surviveKills({ kills: KILLS, seed, say: () => {} });
  console.log(`seed ${seed}: ${survival.acknowledged} notifications acknowledged;`, survival.phases);
  const { survived, problems, acknowledged, phases } = survival;
  reportFigure({
    name: 'Kills survived in `npm test`',
    value: `${survived} of ${KILLS}, ${acknowledged} notifications acknowledged`,
    required: `${KILLS} of ${KILLS}, nothing acknowledged lost`,
    reached: survived === KILLS && problems.length === 0,
    command: 'npm test',
  });
  expect({ seed, problems }).toEqual({ seed, problems: [] });
  expect(survived).toBe(KILLS);
  expect(acknowledged).toBeGreaterThan(KILLS);
  expect(SURELY_HIT.filter((phase) => phases[phase] === 0)).toEqual([]);
}, 300_000);

describe('told to stop', () => {
  let scene: Scene | undefined;
  afterEach(() => scene?.close());

  test('in the middle of bursts, it ends in order each time, and loses nothing', async () => {
    scene = await openScene({ seed: Date.now() % 1_000_000 });
    let served = scene.serve();
    await scene.connect(served);
    for (let stop = 0; stop < 3; stop += 1) {
      scene.sandbox.faults.set({ latencyMs: 20 });
      const burst = await scene.burst(served);
      await until(() => burst.count.acknowledged > 5 * stop, 10_000);
      expect(await stopped(served)).toEqual({ code: 0, inTime: true });
      await burst.stop();
      scene.sandbox.faults.clear();
      served = scene.serve();
      await served.url();
      expect(await scene.reckon()).toEqual([]);
    }
  }, 180_000);

  test('while the provider hangs, it ends in time, and fetches after the next start', async () => {
    scene = await openScene({ seed: 1 });
    const { sandbox } = scene;
    let served = scene.serve();
    await scene.connect(served);
    const browser = createBrowser(await served.url());
    await browser.connect();
    expect(await scene.reckon()).toEqual([]);
    // Nothing answers any more: neither a reconciliation, nor an audit, nor the fetches of three riders.
    sandbox.faults.set({ latencyMs: 60_000 });
    const waiting = sandbox.concurrent().current;
    for (const what of ['reconcile', 'audit']) expect((await browser.post(`/api/v1/sync/${what}`)).status).toBe(202);
    const burst = await scene.burst(served);
    await until(() => sandbox.concurrent().current >= waiting + 5, 10_000);
    expect(await stopped(served)).toEqual({ code: 0, inTime: true });
    await burst.stop();
    sandbox.faults.clear();
    served = scene.serve();
    await served.url();
    expect(await scene.reckon()).toEqual([]);
  }, 120_000);

  test('it answers the request that it is reading, and takes no other', async () => {
    scene = await openScene({ seed: 1 });
    const served = scene.serve();
    await scene.connect(served);
    const url = new URL(await served.url());
    const { world } = scene.sandbox;
    const [item] = world.items(1, 'trip');
    if (!item) throw new Error('The rider has no trips.');
    world.edit('trip', item.id, { name: 'Told while stopping' }, { silent: true });
    const request = requestOf(url, bodyOf(notification({ item_id: item.id })));
    const socket = connect(Number(url.port), url.hostname).setEncoding('latin1');
    let answer = '';
    socket.on('data', (text) => {
      answer += text;
    });
    socket.write(request.slice(0, -10));
    // Its head must have been read, or it is not being read yet: another one on a connection of its own comes after it.
    await fetch(new URL('/healthz', url));
    const ending = stopped(served);
    await until(() => refuses(url), 10_000);
    socket.write(request.slice(-10));
    expect(await ending).toEqual({ code: 0, inTime: true });
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    const again = scene.serve();
    await again.url();
    expect(await scene.reckon()).toEqual([]);
    const title = scene.read('mirror', (db) =>
      db.prepare('SELECT title FROM items WHERE item_id = ? AND account_id = 1').pluck().get(String(item.id)),
    );
    expect(title).toBe('Told while stopping');
  }, 120_000);

  async function stopped(served: ReturnType<Scene['serve']>) {
    const began = performance.now();
    served.signal('SIGTERM');
    const { code } = await served.ended;
    return { code, inTime: performance.now() - began < STOPS_WITHIN_MS };
  }

  function requestOf(url: URL, body: string): string {
    return [
      'POST /webhooks/ridewithgps HTTP/1.1',
      `host: ${url.host}`,
      'content-type: application/json',
      'x-rwgps-api-key: test-key',
      `x-rwgps-signature: ${sign(body)}`,
      `content-length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n');
  }

  const refuses = (url: URL): Promise<boolean> =>
    new Promise((resolve) => {
      const probe = connect(Number(url.port), url.hostname);
      probe.once('connect', () => resolve(false)).once('error', () => resolve(true));
      probe.once('connect', () => probe.destroy());
    });
});
