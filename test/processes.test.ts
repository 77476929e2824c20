import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAuditor } from '../src/audit.ts';
import { createBreaker } from '../src/breaker.ts';
import { createEvents } from '../src/http/events.ts';
import { createReceiver } from '../src/receive.ts';
import { type ChangesToFetch, createReconciler, reconciliationTrouble } from '../src/reconcile.ts';
import { createSilence, silenceTrouble } from '../src/silence.ts';
import type { Source } from '../src/sources/source.ts';
import { createBoard } from '../src/storage/memory/board.ts';
import { createLocks } from '../src/storage/memory/locks.ts';
import { createSignals } from '../src/storage/memory/signals.ts';
import { openInbox } from '../src/storage/sqlite/inbox.ts';
import { openMirrorForWriting, prepareMirror } from '../src/storage/sqlite/mirror.ts';
import { createTokens, type Renewal } from '../src/tokens.ts';
import type { SourceName } from '../src/vocabulary.ts';
import { boardSuite } from './conformance/board.ts';
import { locksSuite } from './conformance/locks.ts';
import { signalsSuite } from './conformance/signals.ts';

/** In memory there is one process: whoever joins is given the same. */
const one =
  <T>(create: () => T) =>
  async () => {
    const it = create();
    return { join: async () => it, close: async () => {} };
  };

boardSuite('memory', one(createBoard));
locksSuite('memory', one(createLocks));
signalsSuite('memory', one(createSignals));

const ROBIN = { source: 'ridewithgps', account: '1' } as const;
const now = () => 5_000_000;
const onError = (error: unknown) => expect.unreachable(String(error));
const pause = () => new Promise((resolve) => setTimeout(resolve, 5));

/** Counts how many are at it at once. */
function watched() {
  const seen = { begun: 0, inside: 0, most: 0 };
  return {
    seen,
    async during<T>(answer: () => T): Promise<T> {
      seen.begun += 1;
      seen.inside += 1;
      seen.most = Math.max(seen.most, seen.inside);
      await pause();
      seen.inside -= 1;
      return answer();
    },
  };
}

test('a token is renewed once by all processes together: who waited takes the new one', async () => {
  const locks = createLocks();
  const { seen, during } = watched();
  let stored = 'old';
  let renewals = 0;
  const pool = {
    renewToken: (_: unknown, stale: string) =>
      during((): Renewal => {
        if (stored === stale) {
          renewals += 1;
          stored = 'new';
        }
        return { kind: 'renewed', fingerprint: stored };
      }),
  };
  const processes = Array.from({ length: 3 }, () => createTokens({ pool, locks, now }));
  const answers = await Promise.all(
    processes.flatMap(({ renew }) =>
      Array.from({ length: 3 }, () => renew(ROBIN, { fingerprint: 'old', ranOut: false })),
    ),
  );
  expect(answers).toEqual(Array(9).fill({ kind: 'renewed', fingerprint: 'new' }));
  // Each process asked once, one after the other, and the first one alone renewed.
  expect([renewals, seen]).toEqual([1, { begun: 3, inside: 0, most: 1 }]);
});

test('an unsigned handshake is answered by every process while a person sets the source up', async () => {
  const board = createBoard();
  const clock = { now: 1_000 };
  const [here, there] = [0, 1].map(() =>
    createReceiver({
      inbox: { keep: async () => 1 },
      board,
      now: () => clock.now,
      onKept: () => {},
      onError,
    }),
  );
  await here?.setUp('rye', 60_000);
  expect([there?.isSettingUp('rye'), there?.settingUpUntil('rye'), there?.isSettingUp('pryv')]).toEqual([
    true,
    61_000,
    false,
  ]);
  clock.now = 61_000;
  expect([there?.isSettingUp('rye'), there?.settingUpUntil('rye')]).toEqual([false, undefined]);
});

test('a provider that went silent is known to the process that shows it, until any of them hears it again', async () => {
  const board = createBoard();
  const revivals = [{ kind: 'unknown', sentence: 'Look there.' }, { kind: 'sends' }] as const;
  let asked = 0;
  const pool = {
    renewToken: () => Promise.reject(new Error('not asked')),
    reviveWebhook: async () => revivals[asked++] ?? { kind: 'sends' as const },
  };
  const [here, there] = [0, 1].map(() =>
    createSilence({
      inbox: { lastWebhookAt: async () => 1_000_000 },
      pool,
      sources: new Map([['ridewithgps', { reviveWebhook: async () => ({ kind: 'sends' }) }]]),
      tokens: createTokens({ pool, locks: createLocks(), now }),
      board,
      now,
      onRevived: () => {},
    }),
  );
  const change = { type: 'trip', id: '1', action: 'changed', happenedAt: 2_000_000, announcesDeletion: false };
  await here?.listen(ROBIN, [change], 0);
  expect(silenceTrouble(board, ROBIN)).toEqual({ since: 2_000_000, reason: 'Look there.' });
  await there?.listen(ROBIN, [], 0);
  expect([silenceTrouble(board, ROBIN), board.names('')]).toEqual([undefined, []]);
});

describe('an open page', () => {
  async function open(events: ReturnType<typeof createEvents>, report: () => Promise<unknown>) {
    const app = express().get('/', (_, response) => events.stream(response, '1', report));
    const server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const answer = await fetch(`http://127.0.0.1:${typeof address === 'object' && address?.port}`);
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    return {
      /** The next piece with an event in it. */
      async next(): Promise<string> {
        for (;;) {
          const { value = '', done } = (await reader?.read()) ?? { done: true };
          if (done || value.includes('data:')) return value;
        }
      },
      async [Symbol.asyncDispose]() {
        await reader?.cancel();
        server.closeAllConnections();
        server.close();
      },
    };
  }

  test('hears what any process did with its account, and with no other', async () => {
    const signals = createSignals();
    let told = 0;
    const report = async () => {
      told += 1;
      return { told };
    };
    await using page = await open(createEvents(signals), report);
    expect(await page.next()).toContain('{"told":1}');
    signals.changed('2');
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(told).toBe(1);
    signals.changed('1');
    expect(await page.next()).toContain('{"told":2}');
  });

  test('is told a little later what nobody heard, as while the database was away', async () => {
    let state = 'fetching';
    await using page = await open(createEvents(createSignals(), 50), async () => ({ state }));
    expect(await page.next()).toContain('fetching');
    state = 'done';
    expect(await page.next()).toContain('done');
  });
});

describe('asking for an account', () => {
  const dropped: (() => void)[] = [];
  let storage: { inbox: ReturnType<typeof openInbox>; mirror: ReturnType<typeof openMirrorForWriting> };
  beforeEach(async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'slipstream-'));
    prepareMirror(dataDir);
    storage = { inbox: openInbox(dataDir), mirror: openMirrorForWriting(dataDir) };
    dropped.push(
      () => rmSync(dataDir, { recursive: true }),
      () => storage.inbox.close(),
      () => storage.mirror.close(),
    );
    const sealedToken = Buffer.from('sealed');
    const robin = { ...ROBIN, name: 'Robin', client: 'key', tokenKind: 'bearer', connectedAt: 0 } as const;
    await storage.mirror.accountWriter.connect({ ...robin, sealedToken });
  });
  afterEach(() => {
    while (dropped.length > 0) dropped.pop()?.();
  });

  /** Two processes over one storage, each with a reconciler and an auditor; `answers` are the provider's, in their order. */
  function processes(...answers: ChangesToFetch[]) {
    const { seen, during } = watched();
    const board = createBoard();
    const locks = createLocks();
    const { inbox, mirror } = storage;
    const all = [0, 1].map(() => {
      const pool = {
        renewToken: () => Promise.reject(new Error('not asked')),
        changes: () => during(() => answers.shift() ?? NOTHING),
        differences: () => during(() => ({ kind: 'unauthorized' }) as const),
      };
      const parts = {
        inbox,
        pool,
        sources: new Map<SourceName, Pick<Source, 'changesSince' | 'inventory'>>([
          ['ridewithgps', { changesSince: unused, inventory: unused }],
        ]),
        tokens: createTokens({ pool, locks, now }),
        accounts: mirror.accounts,
        writer: mirror.accountWriter,
        runs: mirror.runWriter,
        breaker: createBreaker({ board, now, random: () => 0.5, onError }),
        silence: { listen: async () => false },
        soon: () => {},
        locks,
        board,
        now,
        onEnqueued: () => {},
        onError,
      };
      return { reconciler: createReconciler(parts), auditor: createAuditor(parts) };
    });
    const [here, there] = all;
    if (!here || !there) throw new Error('There are two.');
    return { here, there, seen, board };
  }

  test('what changed is one at a time in all processes, and who asked meanwhile gets one that begins later', async () => {
    const { here, there, seen } = processes();
    const asked = [here, there, here, there].map(({ reconciler }) => reconciler.reconcile(ROBIN));
    await Promise.all([here.reconciler.settled(), there.reconciler.settled()]);
    expect(seen).toEqual({ begun: 4, inside: 0, most: 1 });
    expect(await Promise.all(asked)).toEqual(Array(4).fill({ ok: true, found: 0 }));
  });

  test('for its whole library is one at a time in all processes, and within one the same answer serves all', async () => {
    const { here, there, seen } = processes();
    await Promise.all([here, here, there, there].map(({ auditor }) => auditor.audit(ROBIN)));
    expect(seen).toEqual({ begun: 2, inside: 0, most: 1 });
  });

  test('in vain is a trouble that every process shows, with its beginning, until any of them is answered', async () => {
    const { here, there, board } = processes(
      { kind: 'unanswered', reason: 'It said 500.' },
      { kind: 'unanswered', reason: 'It said 502.' },
    );
    await here.reconciler.reconcile(ROBIN);
    await there.reconciler.reconcile(ROBIN);
    expect(reconciliationTrouble(board, ROBIN)).toEqual({
      since: now(),
      reason: 'Ride With GPS could not be reached. It said 502.',
    });
    await there.reconciler.reconcile(ROBIN);
    expect([reconciliationTrouble(board, ROBIN), board.names('')]).toEqual([undefined, []]);
  });

  test('that is gone, or by a process that stops, leaves no trouble behind for the others', async () => {
    const { here, there, board } = processes({ kind: 'unanswered', reason: 'It said 500.' });
    await here.reconciler.reconcile({ ...ROBIN, account: '2' });
    await here.reconciler.close();
    await here.reconciler.reconcile(ROBIN);
    expect([reconciliationTrouble(board, ROBIN), board.names('')]).toEqual([undefined, []]);
    await there.reconciler.reconcile(ROBIN);
    expect(board.names('trouble ')).toEqual(['trouble ridewithgps 1']);
    await storage.mirror.accountWriter.erase(ROBIN);
    await there.reconciler.reconcile(ROBIN);
    expect(board.names('trouble ')).toEqual([]);
  });
});

const NOTHING: ChangesToFetch = {
  kind: 'changes',
  changes: [],
  known: [],
  listed: 0,
  cursor: '2026-06-01T12:00:00Z',
  clockOffset: 0,
  announced: false,
  backfill: false,
};

const unused = () => Promise.reject(new Error('not asked'));
