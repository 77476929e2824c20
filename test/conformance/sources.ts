import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import Database from 'better-sqlite3';
import { type Dispatcher, Pool } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tryPort } from '../../src/cli/ports.ts';
import { RIDERS, SOURCE_TITLES } from '../../src/vocabulary.ts';
import { createProgram } from '../cli/program.ts';
import { recordOf } from '../support/record-of.ts';
import { type Browser, type Installation, startInstallation } from '../support/slipstream.ts';
import { until } from '../support/until.ts';
import { damages, inspectWreck } from '../support/wreck.ts';
import type { Dialect, RunningDialect, Thing, WebhookRequest } from './dialect.ts';

const AT_ONCE = 300;
const MOST_BYTES = 1024 * 1024;
/** What is found missing is looked for again after a minute, a refused token after an hour. */
const A_MINUTE_MS = 61_000;
const AN_HOUR_MS = 3_700_000;
const SOON_MS = 30_000;
const DEFAULT_DEADLINE_MS = 10_000;

/**
 * What every source must do, whoever its provider is: one started program, and everything over HTTP as its provider would do it.
 * The order matters where the clock is put on; each test makes things of its own.
 */
export function sourceSuite(dialect: Dialect): void {
  const { source } = dialect;

  describe(`${[SOURCE_TITLES[source], dialect.name].filter(Boolean).join(' ')}, as a source`, () => {
    let provider: RunningDialect;
    let here: Installation;
    let owner: Browser;
    let stranger: Browser;
    let ahead = 0;
    /** All that was said to anybody: by what it is. */
    const said = new Map<string, string>();
    let log = '';

    beforeAll(async () => {
      provider = await dialect.start();
      here = await startInstallation({
        // One port for all starts, so that the provider's webhook goes on leading here.
        env: { PORT: String(await tryPort(0, '127.0.0.1')), SIGNUP: 'open', LOG_LEVEL: 'trace', ...provider.env },
        riders: [1, 2].map((id) => ({ id, name: `Rider ${id}`, routes: 0, trips: 1, points: 20 })),
        appNow: () => Date.now() + ahead,
        logTo: {
          write(line) {
            log += line;
          },
        },
      });
      owner = await here.connect(1);
      stranger = await here.connect(2);
      await provider.connect(here);
      await here.settled();
    });
    afterAll(async () => {
      await here?.close();
      await provider?.close();
    });

    describe('a webhook', () => {
      test('is taken as the provider sends it, and what it is about is fetched and kept', async () => {
        const thing = await provider.add();
        await provider.announce(thing, 'added');
        await shows(thing);
        await provider.change(thing);
        await provider.announce(thing, 'changed');
        await shows(thing);
        await provider.remove(thing);
        await provider.announce(thing, 'removed');
        await buried(thing);
      });

      test('that is forged is refused in every way, keeps nothing and changes nothing', async () => {
        const thing = await provider.add();
        const forgeries = provider.forgeries(provider.webhookFor(thing, 'added'));
        expect(forgeries.length).toBeGreaterThan(2);
        const before = deliveries();
        for (const { name, request } of forgeries) expect([name, await statusOf(request)]).toEqual([name, 401]);
        await here.settled();
        expect(deliveries()).toBe(before);
        expect(await record(thing)).toBeUndefined();
        expect(await statusOf(provider.webhookFor(thing, 'added'))).toBe(200);
        await shows(thing);
      });

      test('is verified by its raw bytes', async () => {
        const true_ = provider.webhookFor(await provider.add(), 'added');
        const again = { ...true_, body: JSON.stringify(JSON.parse(true_.body), null, 1) };
        expect(again.body).not.toBe(true_.body);
        // A secret in the address says nothing about a body.
        expect(await statusOf(again)).toBe(hasSecretInUrl(true_) ? 200 : 401);
        expect(await statusOf({ ...true_, body: `${true_.body} ` })).toBe(hasSecretInUrl(true_) ? 200 : 401);
        expect(await statusOf(true_)).toBe(200);
        await here.settled();
      });

      test('that comes twice, or as another delivery of the same news, is there once', async () => {
        const thing = await provider.add();
        const first = provider.webhookFor(thing, 'added');
        const requests = [first, first, provider.webhookFor(thing, 'added'), first];
        expect(await Promise.all(requests.map(statusOf))).toEqual([200, 200, 200, 200]);
        await shows(thing);
        await here.settled();
        expect(revisions(thing)).toBe(0);
        expect(await statusOf(first)).toBe(200);
        await here.settled();
        expect(revisions(thing)).toBe(0);
      });

      test('that comes late, or again long after, changes nothing that is not so any more', async () => {
        const thing = await provider.add();
        const added = provider.webhookFor(thing, 'added');
        await provider.change(thing);
        const changed = provider.webhookFor(thing, 'changed');
        await provider.change(thing);
        const latest = provider.webhookFor(thing, 'changed');
        for (const request of [latest, added, changed]) {
          expect(await statusOf(request)).toBe(200);
          await shows(thing);
          await here.settled();
        }
        await shows(thing);
        await provider.remove(thing);
        const removed = provider.webhookFor(thing, 'removed');
        expect(await statusOf(removed)).toBe(200);
        await buried(thing);
        for (const request of [changed, removed, added, latest]) {
          expect(await statusOf(request)).toBe(200);
          await here.settled();
        }
        await buried(thing);
      });

      test('of a deletion that comes before those of what was deleted leaves it deleted', async () => {
        const thing = await provider.add();
        const added = provider.webhookFor(thing, 'added');
        await provider.change(thing);
        const changed = provider.webhookFor(thing, 'changed');
        await provider.remove(thing);
        for (const request of [provider.webhookFor(thing, 'removed'), changed, added]) {
          expect(await statusOf(request)).toBe(200);
          await here.settled();
        }
        expect((await record(thing))?.state ?? 'never seen').not.toBe('active');
      });

      test('that cannot be read is answered 400 and kept for a person', async () => {
        const before = await deadLetters();
        const { status, text } = await post(provider.unreadable());
        expect({ status, ...JSON.parse(text) }).toMatchObject({ status: 400, error: { message: expect.any(String) } });
        const after = await deadLetters();
        expect(after.meta.total).toBe(before.meta.total + 1);
        said.set('the dead letters', JSON.stringify(after));
        expect((await stranger.json<DeadLetters>('/api/v1/dead-letters')).meta.total).toBe(0);
      });
    });

    describe('the address', () => {
      test('is answered as HTTP says, whatever is wrong with a request', async () => {
        const true_ = provider.webhookFor(await provider.add(), 'added');
        for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'] as const) {
          const body = ['GET', 'HEAD'].includes(method) ? null : true_.body;
          expect([method, (await post({ ...true_, body }, method)).status]).toEqual([method, 405]);
        }
        const large = `${true_.body.slice(0, -1)}${' '.repeat(MOST_BYTES)}}`;
        expect(await statusOf({ ...true_, body: large })).toBe(413);
        for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonish']) {
          expect(await statusOf({ ...true_, headers: { ...true_.headers, 'content-type': type } })).toBe(415);
        }
        expect(await statusOf({ ...true_, headers: { ...true_.headers, 'content-encoding': 'gzip' } })).toBe(415);
        expect(await statusOf({ ...true_, headers: { ...true_.headers, 'content-type': charset } })).toBe(200);
        await here.settled();
      });

      test('is never moved and never gone: no 3xx and no 410 on any variant of its path', async () => {
        const true_ = provider.webhookFor(await provider.add(), 'added');
        const [path = '', query = ''] = true_.path.split('?');
        const paths = [
          `${path}/`,
          `/${path}`,
          path.toUpperCase(),
          path.replace('/webhooks/', '/webhooks//'),
          `${path}/nobody`,
          `${path}/../${source}`,
          `${path}.json`,
          `/webhooks/${source}`,
          `/webhooks/${source}/`,
          `/webhooks/${source}/nobody/at/all`,
          '/webhooks/nobody',
          '/webhooks/',
          '/webhooks',
        ];
        for (const method of ['POST', 'GET', 'PUT'] as const) {
          for (const each of paths) {
            const request = { ...true_, path: query ? `${each}?${query}` : each };
            const { status } = await post({ ...request, body: method === 'GET' ? null : true_.body }, method);
            const moved = (status >= 300 && status < 400) || status === 410 || status >= 500;
            expect([method, each, status, moved]).toEqual([method, each, status, false]);
          }
        }
        await here.settled();
      });

      test('of somebody who is not known here takes nothing', async () => {
        const thing = await provider.add();
        const true_ = provider.webhookFor(thing, 'added');
        const [path = '', query = ''] = true_.path.split('?');
        const other = path.split('/').length > 3 ? path.replace(/[^/]+$/, 'nobody-at-all') : `${path}/nobody-at-all`;
        const status = await statusOf({ ...true_, path: query ? `${other}?${query}` : other });
        // Whose signature is true has to be answered, or it is sent again for days.
        expect(hasSecretInUrl(true_) ? [401, 404] : [200, 401, 404]).toContain(status);
        await here.settled();
        expect(await record(thing)).toBeUndefined();
        expect(await statusOf({ ...true_, path: '/webhooks/nobody' })).toBe(404);
      });
    });

    test('a handshake is answered exactly, and only when it is signed or while it is set up', async () => {
      const handshake = provider.handshake?.();
      const forged = provider.forgeries(provider.webhookFor(await provider.add(), 'added'));
      const before = deliveries();
      if (handshake) {
        const { signed, unsigned, answer } = handshake;
        expect(await answerOf(signed)).toEqual({ status: 200, answer });
        expect(await statusOf(unsigned)).toBe(401);
        for (const { name, request } of provider.forgeries(signed).filter(({ request }) => isOther(request, signed))) {
          expect([name, await statusOf(request)]).toEqual([name, 401]);
        }
        await here.app.receiver.setUp(source, 60_000);
        expect(await answerOf(unsigned)).toEqual({ status: 200, answer });
      } else {
        await here.app.receiver.setUp(source, 60_000);
      }
      // Whoever asks while it is set up learns that somebody is here, and nothing else gets in.
      for (const { name, request } of forged) expect([name, await statusOf(request)]).toEqual([name, 401]);
      await here.app.receiver.setUp(source, -1);
      if (handshake) expect(await statusOf(handshake.unsigned)).toBe(401);
      expect(deliveries()).toBe(before);
    });

    test(`${AT_ONCE} webhooks at once are acknowledged in time while the provider answers slowly`, async () => {
      const things = await several(3);
      provider.slow?.(400);
      const requests = Array.from({ length: AT_ONCE }, (_, index) =>
        provider.webhookFor(things[index % things.length] as Thing, 'added'),
      );
      const senders = new Pool(here.app.url, { connections: 60 });
      const sendAll = async (statuses: number[], to: (request: WebhookRequest) => WebhookRequest): Promise<number> => {
        const answers = await Promise.all(
          requests.map(async (request) => {
            const began = performance.now();
            const { statusCode, body } = await senders.request({ ...to(request), method: 'POST' });
            await body.dump();
            return { statusCode, ms: performance.now() - began };
          }),
        );
        expect([...new Set(answers.map(({ statusCode }) => statusCode))]).toEqual(statuses);
        return Math.max(...answers.map(({ ms }) => ms));
      };
      // What this machine needs at this moment for as many answers behind which there is nothing.
      const bare = await sendAll([404], (request) => ({ ...request, path: '/webhooks/nobody' }));
      const longest = await sendAll([200], (request) => request);
      await senders.close();
      provider.slow?.(0);
      expect(longest).toBeLessThan(Math.max(provider.deadlineMs ?? DEFAULT_DEADLINE_MS, 10 * bare));
      for (const thing of things) await shows(thing);
      await here.settled();
    });

    test('what was acknowledged is there after a kill, though nothing is asked what was missed', async () => {
      const things = await several(4);
      const requests = things.map((thing) => provider.webhookFor(thing, 'added'));
      await here.app.close();
      const program = createProgram();
      const served = program.start(['serve'], here.environment);
      try {
        await served.until(/Slipstream is listening/);
        provider.slow?.(5_000);
        expect(await Promise.all(requests.map(statusOf))).toEqual(requests.map(() => 200));
        served.signal('SIGKILL');
        const { stdout, stderr } = await served.ended;
        log += stdout + stderr;
        const { untaken, pending, active } = inspectWreck(here.dataDir);
        // Else nothing was interrupted, and this would prove nothing.
        if (provider.slow) expect(untaken + pending + active).toBeGreaterThan(0);
      } finally {
        provider.slow?.(0);
        program.close();
        await here.restart();
      }
      for (const thing of things) await shows(thing);
      await here.settled();
      expect(damages(here.dataDir)).toEqual([]);
    });

    test('what no webhook told is found by asking, where there is something to ask', async () => {
      const [kept, changed, removed] = await several(3);
      if (!kept || !changed || !removed) throw new Error('There are three.');
      for (const thing of [changed, removed]) {
        expect(await statusOf(provider.webhookFor(thing, 'added'))).toBe(200);
        await shows(thing);
      }
      await here.settled();
      const before = await record(changed);
      await provider.change(changed);
      await provider.remove(removed);
      const answer = await here.app.reconciler.reconcile(await account());
      await here.settled();
      if (provider.cannotReconcile) {
        expect(answer).toEqual({ ok: false, reason: expect.stringContaining('nothing') });
        expect(await record(changed)).toEqual(before);
        return;
      }
      expect(answer).toMatchObject({ ok: true });
      await shows(kept);
      await shows(changed);
      if (provider.cannotFindRemovals) return;
      await here.app.auditor.audit(await account());
      await here.settled();
      ahead += A_MINUTE_MS;
      await buried(removed);
    });

    test('that something was deleted is believed on evidence, not on anybody’s word', async () => {
      const thing = await provider.add();
      expect(await statusOf(provider.webhookFor(thing, 'added'))).toBe(200);
      await shows(thing);
      await here.settled();
      expect(await statusOf(provider.webhookFor(thing, 'removed'))).toBe(200);
      await here.settled();
      // Of what cannot be asked for, the signed word is the evidence.
      expect((await record(thing))?.state).toBe(provider.statesDeletions ? 'deleted' : 'active');
    });

    test('what belongs to one account is not shown to another rider', async () => {
      const thing = await provider.add();
      expect(await statusOf(provider.webhookFor(thing, 'added'))).toBe(200);
      await shows(thing);
      const addresses = [
        `/api/v1/sources/${source}/records`,
        `/api/v1/sources/${source}/records?q=${encodeURIComponent(provider.textOf(thing))}`,
        `/api/v1/sources/${source}/records/${thing.type}/${thing.id}`,
        `/api/v1/${thing.type}s/${thing.id}`,
        `/sources/${source}`,
        `/sources/${source}/${thing.type}/${thing.id}`,
        `/why?q=${thing.id}`,
      ];
      for (const address of addresses) {
        const text = await (await stranger.get(address)).text();
        expect([address, text.includes(provider.textOf(thing))]).toEqual([address, false]);
        const anybody = await fetch(new URL(address, here.app.url), { redirect: 'manual' });
        expect([address, (await anybody.text()).includes(provider.textOf(thing))]).toEqual([address, false]);
      }
    });

    test('a token that has run out is renewed once, however many find out at once', async () => {
      if (!provider.expire) return;
      const things = await several(6);
      const renewals = provider.expire();
      const requests = things.map((thing) => provider.webhookFor(thing, 'added'));
      expect(await Promise.all(requests.map(statusOf))).toEqual(requests.map(() => 200));
      for (const thing of things) await shows(thing);
      expect(renewals()).toBe(1);
    });

    test('a refused token parks what waits, loses nothing, and it goes on when it is accepted again', async () => {
      if (provider.asksNothing) return;
      const there = await provider.add();
      expect(await statusOf(provider.webhookFor(there, 'added'))).toBe(200);
      await shows(there);
      await here.settled();
      provider.refuse();
      const thing = await provider.add();
      expect(await statusOf(provider.webhookFor(there, 'changed'))).toBe(200);
      expect(await statusOf(provider.webhookFor(thing, 'added'))).toBe(200);
      await until(async () => {
        ahead += 1_000;
        return (await accountState()) === 'reconnect';
      }, SOON_MS);
      // Only when that is settled is it known when the token is tried again: an hour from then.
      await here.settled();
      expect(await record(thing)).toBeUndefined();
      expect(await record(there)).toMatchObject({ state: 'active' });
      said.set('the state of the copy while the token is refused', await (await owner.get('/api/v1/sync')).text());
      provider.accept();
      ahead += AN_HOUR_MS;
      await shows(thing);
      expect(await accountState()).toBe('active');
    });

    test('no secret is in the log, an answer, a page, or plain on the disk', async () => {
      for (const address of ['/library', '/sync', '/settings', '/sources', `/sources/${source}`, '/metrics']) {
        said.set(`the page ${address}`, await (await owner.get(address)).text());
        said.set(`the page ${address} of somebody else`, await (await stranger.get(address)).text());
      }
      // The one place where the owner sees the whole address that has to be registered.
      const registered = provider.webhookFor(await provider.add(), 'added').path;
      said.set('the page /sources', said.get('the page /sources')?.replaceAll(registered, '') ?? '');
      said.set('the records', await (await owner.get(`/api/v1/sources/${source}/records`)).text());
      said.set('the log', log);
      for (const { name } of readdirSync(here.dataDir, { withFileTypes: true }).filter((entry) => entry.isFile())) {
        said.set(`the file ${name}`, readFileSync(join(here.dataDir, name)).toString('latin1'));
      }
      const secrets = provider.secrets();
      expect(secrets.length).toBeGreaterThan(0);
      expect(secrets.filter((secret) => secret.length < 8)).toEqual([]);
      const told = [...said].filter(([, text]) => secrets.some((secret) => text.includes(secret)));
      expect(told.map(([name]) => name)).toEqual([]);
      // What was searched is what was said, and not something empty.
      expect(log).toContain('Slipstream is listening');
      expect(said.get('the file inbox.db')?.length).toBeGreaterThan(10_000);
    });

    async function several(count: number): Promise<Thing[]> {
      const things: Thing[] = [];
      while (things.length < count) things.push(await provider.add());
      return things;
    }

    const record = (thing: Thing) => recordOf(owner, source, thing);

    /** The copy is what the provider has. */
    async function shows(thing: Thing): Promise<void> {
      await until(async () => {
        const found = await record(thing);
        return found?.state === 'active' && found.text.includes(provider.textOf(thing));
      }, SOON_MS);
    }

    async function buried(thing: Thing): Promise<void> {
      await until(async () => (await record(thing))?.state === 'deleted', SOON_MS);
    }

    async function account() {
      const all = (await here.app.accounts.list()).filter((each) => each.source === source);
      const found = all.find(({ user_id }) => source !== RIDERS || user_id === '1');
      if (!found) throw new Error(`${source} has no account.`);
      return { source, account: found.user_id };
    }

    async function accountState(): Promise<string | undefined> {
      return (await here.app.accounts.find(await account()))?.state;
    }

    async function post(
      request: Omit<WebhookRequest, 'body'> & { body: string | null },
      method: Dispatcher.HttpMethod = 'POST',
    ): Promise<{ status: number; text: string }> {
      // Whoever is given a `URL` tidies its path; and a connection must not be one that a killed program has left.
      const sender = new Pool(here.app.url, { pipelining: 0 });
      const { statusCode, body } = await sender.request({ ...request, method });
      const text = await body.text();
      await sender.destroy();
      said.set(`an answer to ${method}`, `${said.get(`an answer to ${method}`) ?? ''}${text}`);
      return { status: statusCode, text };
    }

    async function statusOf(request: WebhookRequest): Promise<number> {
      return (await post(request)).status;
    }

    async function answerOf(request: WebhookRequest) {
      const { status, text } = await post(request);
      return { status, answer: JSON.parse(text) as unknown };
    }

    const deadLetters = () => owner.json<DeadLetters>('/api/v1/dead-letters');

    const deliveries = (): number => countIn('inbox', 'SELECT count(*) FROM deliveries');

    const revisions = ({ type, id }: Thing): number =>
      countIn(
        'mirror',
        'SELECT count(*) FROM revisions JOIN items ON items.id = item WHERE type = ? AND item_id = ?',
        type,
        id,
      );

    function countIn(name: 'inbox' | 'mirror', query: string, ...values: string[]): number {
      const db = new Database(join(here.dataDir, `${name}.db`), { readonly: true });
      const count = db
        .prepare<string[], number>(query)
        .pluck()
        .get(...values);
      db.close();
      return count ?? 0;
    }
  });
}

interface DeadLetters {
  items: unknown[];
  meta: { total: number };
}

const charset = 'application/json; charset=utf-8';

/** What a forgery changes may not be there to be changed. */
const isOther = (one: WebhookRequest, other: WebhookRequest): boolean => !isDeepStrictEqual(one, other);

/** Who knows the address is believed: there is nothing else. */
const hasSecretInUrl = ({ path }: WebhookRequest): boolean => /[?&]secret=/.test(path);
