import { expect, test } from 'vitest';
import { changesToFetch } from '../src/reconcile.ts';
import { createSeal } from '../src/seal.ts';
import type { Change, Source } from '../src/sources/source.ts';
import type { Account } from '../src/storage/accounts.ts';
import type { WorkerParts } from '../src/worker.ts';

const NOON = Date.parse('2026-06-01T12:00:00Z');
const REF = { source: 'ridewithgps', account: '1' } as const;

const change = (action: string, seconds: number): Change => ({
  ...{ type: 'trip', id: '7', action, happenedAt: NOON + seconds * 1000 },
  announcesDeletion: action === 'deleted',
});

/** What is asked for when the provider lists this, and nothing of it is here yet. */
async function toFetch(changes: Change[]) {
  const seal = createSeal(['one-secret-key-of-16']);
  const account = { ...{ id: 1, source: 'ridewithgps', user_id: '1', cursor: null }, lastReconciledAt: null };
  const source: Partial<Source> = {
    name: 'ridewithgps',
    present: () => ({}),
    changesSince: async () => ({ changes, cursor: '2026-06-01T12:00:00Z', clockOffset: 0, announced: true }),
  };
  const parts = {
    seal,
    now: () => NOON,
    sources: new Map([['ridewithgps', source]]),
    accounts: { find: async () => account as Account, sealedToken: async () => seal.seal('token', REF) },
    items: { fetchedLaterThan: async (_account: number, asked: Change[]) => asked.map(() => false) },
  };
  return changesToFetch(parts as unknown as WorkerParts, REF);
}

test('an item that is listed several times is asked for once, as what happened to it last', async () => {
  const changes = [change('updated', 2), change('created', 1)];
  expect(await toFetch(changes)).toMatchObject({ changes: [{ action: 'updated', announcesDeletion: false }] });
});

test('a deletion stays announced, whatever is listed after it', async () => {
  for (const changes of [
    [change('deleted', 1), change('updated', 2)],
    [change('updated', 2), change('deleted', 1)],
  ])
    expect(await toFetch(changes)).toMatchObject({ changes: [{ action: 'updated', announcesDeletion: true }] });
});
