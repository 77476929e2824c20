import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { MirrorWriter } from '../src/storage/mirror.ts';
import { openMirrorForWriting } from '../src/storage/sqlite/mirror.ts';
import type { Claim } from '../src/vocabulary.ts';

const REF = { source: 'ridewithgps', account: '1' } as const;

let dataDir: string;
let mirror: MirrorWriter;
let accountId: number;
beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'slipstream-'));
  mirror = openMirrorForWriting(dataDir);
  const how = { name: 'Robin', client: 'key', tokenKind: 'bearer', connectedAt: 1 } as const;
  accountId = (await mirror.accountWriter.connect({ ...REF, ...how, sealedToken: Buffer.from('sealed') })).id;
});
afterEach(async () => {
  await mirror.close();
  rmSync(dataDir, { recursive: true });
});

const itemOf = (id: string) => ({ accountId, type: 'trip', id });
const claimOf = (id: string): Claim => ({
  ...{ task: 1, key: { ...REF, type: 'trip', id }, seq: 1, attempts: 1, origin: 'webhook', action: 'updated' },
  ...{ announcesDeletion: false, firstLearntAt: 1, lastLearntAt: 1, notifications: 1, webhook: null, claimedAt: 1 },
});

/** Two lines in the history of one item, and time enough between them for everybody else. */
function writeTwice(id: string, fails = false): Promise<void> {
  return mirror.itemWriter.transaction(async (items) => {
    await items.record(accountId, claimOf(id), 'first', '', 1);
    for (let turn = 0; turn < 5; turn += 1) await setImmediate();
    if (fails) throw new Error('It fails.');
    await items.record(accountId, claimOf(id), 'second', '', 2);
  });
}
const outcomesOf = async (id: string): Promise<string[]> =>
  (await mirror.items.fetches(itemOf(id), 10)).map(({ outcome }) => outcome);

test('transactions that wait in between do not mix: one that fails is undone alone', async () => {
  const ends = await Promise.allSettled([writeTwice('1'), writeTwice('2', true), writeTwice('3')]);
  expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(await outcomesOf('1')).toEqual(['second', 'first']);
  expect(await outcomesOf('2')).toEqual([]);
  expect(await outcomesOf('3')).toEqual(['second', 'first']);
});

test('what else is written or read on the connection meanwhile is no part of it', async () => {
  const failing = writeTwice('1', true).catch(() => 'undone');
  // In the middle of it.
  await setImmediate();
  const parted = mirror.accountWriter.setState(REF, 'reconnect');
  const seen = outcomesOf('1');
  expect(await failing).toBe('undone');
  await parted;
  expect(await seen).toEqual([]);
  expect((await mirror.accounts.find(REF))?.state).toBe('reconnect');
});

test('erasing an account, which is several turns, comes to an end beside them', async () => {
  await Promise.all([writeTwice('1'), mirror.accountWriter.erase(REF), mirror.photoVerbs.tidy(1)]);
  expect(await mirror.accounts.list()).toEqual([]);
});

test('closing waits for what was asked before', async () => {
  const written = writeTwice('1');
  await mirror.close();
  await written;
  mirror = openMirrorForWriting(dataDir);
  expect(await outcomesOf('1')).toEqual(['second', 'first']);
});
