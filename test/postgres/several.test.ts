import { connect, createServer, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { isStorageError } from '../../src/storage/failure.ts';
import type { Inbox, Settlement } from '../../src/storage/inbox.ts';
import { type Database, openDatabase } from '../../src/storage/postgres/database.ts';
import { type InboxParts, openInbox } from '../../src/storage/postgres/inbox.ts';
import { openSession } from '../../src/storage/postgres/session.ts';
import type { Claim } from '../../src/vocabulary.ts';
import { delivery, done, key, note, only, room } from '../support/notes.ts';
import { freshDatabase, IN_THIS_DATABASE, type OwnCluster, startCluster, stopPostgres } from '../support/postgres.ts';
import { until } from '../support/until.ts';

const DAY_MS = 86_400_000;
const again = (claim: Claim): Settlement => ({ claim, kind: 'again', dueAt: 1_000, reason: '' });
const failureOf = (work: Promise<unknown>): Promise<unknown> => work.then(() => 'no error').catch((error) => error);

let url: string;
let db: Database;
beforeAll(async () => {
  url = (await freshDatabase()).url;
  db = openDatabase(url, { most: 4 });
});
afterAll(async () => {
  await db.close();
  await stopPostgres();
});

let opened = new AsyncDisposableStack();
afterEach(async () => {
  await opened.disposeAsync();
  opened = new AsyncDisposableStack();
  await db.run('TRUNCATE deliveries, arrivals, tasks, queues, findings, dead_letters, marks RESTART IDENTITY');
});

/** Whether a delivery is stored in time is for those to say that ask for it: the machine may have much to do. */
const PATIENT = 30_000;
/** One process. */
const open = (over: Partial<InboxParts> = {}): Inbox =>
  opened.adopt(openInbox({ databaseUrl: url, graceMs: 0, patienceMs: PATIENT, ...over }), (each) => each.close());

/** The connection that a process has its locks on, as the server sees it. */
const cutSessions = () =>
  db.run(
    `SELECT pg_terminate_backend(pid) FROM (SELECT DISTINCT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND ${IN_THIS_DATABASE}) AS holders`,
  );
const locks = async () =>
  (
    await db.get<{ n: number }>(
      `SELECT count(*) AS n FROM pg_locks WHERE locktype = 'advisory' AND granted AND ${IN_THIS_DATABASE}`,
    )
  )?.n ?? 0;

describe('two processes', () => {
  test('never have the same key in hand, nor more of an account than its share', async () => {
    const processes = [open(), open(), open()];
    const active = new Map<string, number>();
    let finished = 0;
    let most = 0;
    const accounts = ['1', '2', '3', '4'];
    let time = 2_000;

    async function work(inbox: Inbox, at: number): Promise<void> {
      let settlements: Settlement[] = [];
      for (let turn = 0; turn < 40 || settlements.length > 0; turn += 1) {
        const learntAt = time;
        // Each key is announced again and again, by everybody, also while it is in hand.
        const notes = accounts.flatMap((account) =>
          [0, 1, 2].map((n) => note(key(String((turn + n + at) % 7), account), { learntAt })),
        );
        if (turn < 25) await inbox.enqueue(notes);
        for (const { claim } of settlements) active.set(nameOf(claim), (active.get(nameOf(claim)) ?? 0) - 1);
        time += 1;
        const claims = await inbox.exchange(
          settlements,
          room({ room: turn < 40 ? 5 : 0, perAccount: 2, now: time + 1_000 }),
        );
        for (const claim of claims) {
          active.set(nameOf(claim), (active.get(nameOf(claim)) ?? 0) + 1);
          expect(active.get(nameOf(claim))).toBe(1);
        }
        const [row] = await db.all<{ most: number }>(
          "SELECT coalesce(max(n), 0) AS most FROM (SELECT count(*) AS n FROM tasks WHERE state = 'active' GROUP BY account) AS each",
        );
        most = Math.max(most, row?.most ?? 0);
        finished += settlements.length;
        settlements = claims.map(done);
      }
    }
    await Promise.all(processes.map(work));
    expect(finished).toBeGreaterThan(50);
    expect(most).toBe(2);
    expect(await locks()).toBe(0);
  });

  test('take each delivery once, by its id or from the disk, however they go at it', async () => {
    const [mine, theirs] = [open(), open()];
    const ids = await Promise.all(Array.from({ length: 60 }, (_, n) => mine.keep(delivery(String(n)))));
    const read = ({ body }: { body: Buffer }) => ({ notifications: [note(key(body.toString()))], rejections: [] });
    const byId = ids.map((id, n) => ({ id, notifications: [note(key(String(n)))], rejections: [] }));
    const counts = await Promise.all([
      mine.takeNext(25, read).then(({ deliveries }) => deliveries),
      theirs.takeNext(25, read).then(({ deliveries }) => deliveries),
      ...[0, 20, 40].map(async (from) => mine.take(byId.slice(from, from + 20)).then(() => 0)),
      theirs.take(byId.slice(10, 50)).then(() => 0),
    ]);
    expect(counts[0]).toBeLessThanOrEqual(25);
    while ((await theirs.takeNext(25, read)).deliveries > 0);
    const tasks = await db.all<{ item_id: string; notifications: number }>('SELECT item_id, notifications FROM tasks');
    expect(tasks).toHaveLength(60);
    expect(tasks.every(({ notifications }) => notifications === 1)).toBe(true);
  });

  test('store the same keys at the same time in whichever order', async () => {
    const [mine, theirs] = [open(), open()];
    const keys = Array.from({ length: 200 }, (_, n) => note(key(String(n), String(n % 3))));
    await Promise.all(
      Array.from({ length: 10 }, (_, n) => (n % 2 ? mine.enqueue(keys) : theirs.enqueue(keys.toReversed()))),
    );
    const rows = await db.all<{ n: number; notifications: number }>(
      'SELECT count(*) AS n, min(notifications) AS notifications FROM tasks',
    );
    expect(rows).toEqual([{ n: 200, notifications: 10 }]);
  });

  test('count together what is limited', async () => {
    const processes = [open(), open(), open()];
    await processes[0]?.enqueue(Array.from({ length: 30 }, (_, n) => note(key(String(n), String(n)))));
    const limits = [{ source: 'ridewithgps', most: 2, since: 0 } as const];
    for (let round = 0; round < 15; round += 1) {
      const claims = await Promise.all(processes.map((each) => each.exchange([], room({ limits }))));
      expect(claims.flat()).toHaveLength(2);
      const settled = claims.map((mine, at) => processes[at]?.exchange(mine.map(again), room({ room: 0 })));
      await Promise.all(settled);
    }
  });

  test('wake each other in the transaction that makes tasks', async () => {
    const session = opened.adopt(openSession(url), (each) => each.close());
    let woken = 0;
    session.listen('slipstream_due', () => {
      woken += 1;
    });
    await session.release(['nothing']);
    const inbox = open();
    await inbox.enqueue([note(key('1')), note(key('2'))]);
    await until(() => woken === 1);
    const [first] = await inbox.exchange([], room());
    await inbox.enqueue([note(key('1')), note(key('2'))]);
    await until(() => woken === 2);
    if (first) await inbox.exchange([done(first)], room({ room: 0 }));
    await until(() => woken === 3);
  });
});

describe('a process that is gone', () => {
  test('leaves what it had in hand to another, and what it still says is too late', async () => {
    const mine = open();
    await mine.enqueue([note(key('1')), note(key('2', '2'))]);
    const late = await mine.exchange([], room());
    expect(late).toHaveLength(2);
    const theirs = open();
    expect(await theirs.recover()).toBe(0);
    await mine.close();
    await until(async () => (await locks()) === 0);
    expect(await theirs.recover()).toBe(2);
    const again = await theirs.exchange([], room());
    expect(again.map(({ attempts }) => attempts)).toEqual([2, 2]);

    const problem = { code: 'x', sentence: 'x' };
    const [one, two] = late;
    if (one && two)
      await theirs.exchange([done(one), { claim: two, kind: 'dead', problem, evidence: '' }], room({ room: 0 }));
    if (one) await theirs.exchange([{ claim: one, kind: 'retry', dueAt: 1, reason: 'x' }], room({ room: 0 }));
    expect(await theirs.counts(key('1'))).toMatchObject({ active: 1, pending: 0, dead: 0 });
    expect(await theirs.counts(key('2', '2'))).toMatchObject({ active: 1, pending: 0, dead: 0 });
    await theirs.exchange(again.map(done), room({ room: 0 }));
    expect(await theirs.counts(key('1'))).toMatchObject({ active: 0, pending: 0 });
  });

  test('is believed to be so at the second look only', async () => {
    const mine = open();
    await mine.enqueue([note(key('1'))]);
    await mine.exchange([], room());
    await mine.close();
    const theirs = open({ graceMs: 150 });
    expect(await theirs.recover()).toBe(0);
    expect(await theirs.recover()).toBe(0);
    let recovered = 0;
    await until(async () => {
      recovered += await theirs.recover();
      return recovered > 0;
    });
    expect(recovered).toBe(1);
  });

  test('is not one that only lost its connection: it takes its locks again, and settles', async () => {
    const [mine, theirs] = [open(), open()];
    await mine.enqueue([note(key('1'))]);
    const claim = only(await mine.exchange([], room()));
    await cutSessions();
    await until(async () => (await locks()) === 1);
    expect(await theirs.recover()).toBe(0);
    await until(async () => (await failureOf(mine.exchange([done(claim)], room({ room: 0 })))) === 'no error');
    expect(await mine.counts(key('1'))).toMatchObject({ active: 0, pending: 0 });
    expect(await locks()).toBe(0);
  });

  test('is not one whose former connection the server still believes in', async () => {
    const proxy = await startProxy(url);
    opened.defer(proxy.close);
    const [mine, theirs] = [open({ databaseUrl: proxy.url }), open()];
    await mine.enqueue([note(key('1'))]);
    const claim = only(await mine.exchange([], room()));
    proxy.cut();
    await until(async () => (await failureOf(mine.exchange([], room({ room: 0 })))) === 'no error');
    expect(await theirs.recover()).toBe(0);
    await mine.exchange([done(claim)], room({ room: 0 }));
    expect(await locks()).toBe(0);
  });

  test('keeps a key that it still has in hand, although it was given back meanwhile', async () => {
    const [mine, theirs] = [open(), open()];
    await mine.enqueue([note(key('1'))]);
    const claim = only(await mine.exchange([], room()));
    await db.run("UPDATE tasks SET state = 'pending', claimed_generation = NULL");
    expect(await theirs.exchange([], room())).toEqual([]);
    expect(await mine.exchange([], room())).toEqual([]);
    await mine.exchange([done(claim)], room({ room: 0 }));
    expect(only(await theirs.exchange([], room())).seq).toBeGreaterThan(claim.seq);
  });
});

describe('retention', () => {
  const dayOf = (instant: number) => Math.floor(instant / DAY_MS);
  const partitionOf = (instant: number) =>
    `deliveries_${new Date(instant).toISOString().slice(0, 10).replaceAll('-', '_')}`;

  test('drops a day with all that was taken, and keeps what a letter is about and what nobody took', async () => {
    const inbox = open();
    const receivedAt = Date.now() - 20 * DAY_MS;
    await db.run('SELECT make_day(@day)', { day: dayOf(receivedAt) });
    const unreadable = { code: 'not-json', sentence: 'It is not JSON.' };
    const [first] = await Promise.all([
      inbox.keep(delivery('taken', { receivedAt })),
      inbox.keep(delivery('waiting', { receivedAt })),
      inbox.keep(delivery('{', { receivedAt, unreadable })),
    ]);
    await inbox.take([{ id: first, notifications: [], rejections: [] }]);
    expect(await inbox.prune(Date.now() - 14 * DAY_MS, 500)).toBe(1);
    expect(await db.get('SELECT to_regclass(@name) AS name', { name: partitionOf(receivedAt) })).toEqual({
      name: null,
    });

    const letter = only(await inbox.letterIds(key('1'), true));
    expect(await inbox.replay(letter, key('1'), true, 1)).toMatchObject({ bytes: Buffer.from('{') });
    const seen: string[] = [];
    await inbox.takeNext(10, ({ body }) => {
      seen.push(body.toString());
      return { notifications: [], rejections: [] };
    });
    expect(seen).toEqual(['waiting']);
    // It is a row now, and goes as one.
    expect(await inbox.prune(Date.now() - 14 * DAY_MS, 500)).toBe(1);
    expect(await inbox.replay(letter, key('1'), true, 1)).toMatchObject({ bytes: Buffer.from('{') });
  });

  test('makes the days ahead, and the first delivery of a day is in it already', async () => {
    const inbox = open();
    // A day that no other test has made.
    const receivedAt = Date.now() + 30 * DAY_MS;
    const id = await inbox.keep(delivery('{}', { receivedAt }));
    const row = await db.get('SELECT tableoid::regclass::text AS name FROM deliveries WHERE id = @id', { id });
    expect(row).toEqual({ name: partitionOf(receivedAt) });
    const name = partitionOf(receivedAt + DAY_MS);
    expect(await db.get('SELECT to_regclass(@name) IS NOT NULL AS made', { name })).toEqual({ made: true });
  });
});

test('names that cannot be stored as they are, and then are the same, are one task', async () => {
  const inbox = open();
  await inbox.enqueue([note(key('a\0')), note(key('a\uFFFD')), note(key('a\uD800'))]);
  const claim = only(await inbox.exchange([], room()));
  expect(claim.notifications).toBe(3);
  await inbox.exchange([done(claim)], room({ room: 0 }));
  expect(await locks()).toBe(0);
});

test('a delivery that cannot be stored keeps no other from it', async () => {
  const inbox = open();
  const odd = delivery('odd', { receivedAt: Number.NaN });
  const answers = await Promise.allSettled([delivery('a'), odd, delivery('b')].map(inbox.keep));
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});

describe('a server that goes away', () => {
  let cluster: OwnCluster | undefined;
  afterEach(async () => {
    await opened.disposeAsync();
    opened = new AsyncDisposableStack();
    await cluster?.stop();
    cluster = undefined;
  });

  test('refuses within a second, and everything goes on by itself when it is back', async () => {
    cluster = await startCluster({ durable: true });
    const fresh = await cluster.freshDatabase();
    const inbox = open({ databaseUrl: fresh.url });
    await inbox.enqueue([note(key('1')), note(key('2', '2'))]);
    const claims = await inbox.exchange([], room({ room: 1 }));
    const kept = await inbox.keep(delivery('before'));
    await cluster.cut();

    for (const attempt of [() => inbox.keep(delivery('during')), () => inbox.exchange([], room()), inbox.probe]) {
      const began = performance.now();
      expect(isStorageError(await failureOf(attempt()))).toBe(true);
      // Else it would be the half minute that the others are given.
      expect(performance.now() - began).toBeLessThan(5_000);
    }

    await cluster.restore();
    await until(async () => (await failureOf(inbox.exchange([], room({ room: 0 })))) === 'no error', 15_000);
    // Its lock was taken again before anything else.
    const other = open({ databaseUrl: fresh.url });
    expect(await other.recover()).toBe(0);
    expect(await inbox.keep(delivery('after'))).toBeGreaterThan(kept);
    await inbox.exchange(claims.map(done), room({ room: 0 }));
    expect(only(await other.exchange([], room())).key.account).toBe('2');
  });

  test('or does not answer: who asks is told so within a second', async () => {
    const inbox = open({ patienceMs: 800 });
    await until(async () => (await failureOf(inbox.keep(delivery('before')))) === 'no error');
    const answers = await db.transaction(async (queries) => {
      await queries.run('LOCK TABLE deliveries IN ACCESS EXCLUSIVE MODE');
      const first = failureOf(inbox.keep(delivery('1')));
      await new Promise((resolve) => setTimeout(resolve, 50));
      // It is the first one's turn, and this one would have to wait for that as well.
      const began = performance.now();
      const second = await failureOf(inbox.keep(delivery('2')));
      expect(performance.now() - began).toBeLessThan(5_000);
      return [await first, second];
    });
    expect(answers.map(isStorageError)).toEqual([true, true]);
    await until(async () => (await failureOf(inbox.keep(delivery('after')))) === 'no error');
  });
});

const nameOf = ({ key: { account, id } }: Claim): string => `${account} ${id}`;

/** Stands between a process and the server. `cut` ends what the process sees of its connections, and the server does not hear of it. */
async function startProxy(to: string) {
  const target = new URL(to);
  const near = new Set<Socket>();
  const far = new Set<Socket>();
  const server = createServer((socket) => {
    const upstream = connect(Number(target.port || 5432), target.hostname);
    near.add(socket);
    far.add(upstream);
    for (const each of [socket, upstream]) each.on('error', () => {});
    socket.on('data', (bytes) => upstream.write(bytes));
    upstream.on('data', (bytes) => socket.write(bytes));
    // It says goodbye properly but for those that were cut.
    socket.on('end', () => near.has(socket) && upstream.end());
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: Object.assign(new URL(to), { hostname: '127.0.0.1', port: String(port) }).href,
    cut() {
      for (const each of near) {
        near.delete(each);
        each.destroy();
      }
    },
    close() {
      for (const each of [...near, ...far]) each.destroy();
      server.close();
    },
  };
}
