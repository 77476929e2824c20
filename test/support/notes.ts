import type { ClaimRequest, NewDelivery, Settlement } from '../../src/storage/inbox.ts';
import type { Claim, Key, Notification } from '../../src/vocabulary.ts';

/** What an inbox is told and asked in tests, with what is usual in it. */

export const key = (id: string, account = '1'): Key => ({ source: 'ridewithgps', account, type: 'trip', id });

export const note = (of: Key, over: Partial<Notification> = {}): Notification => ({
  key: of,
  origin: 'webhook',
  action: 'updated',
  learntAt: 1_000,
  announcesDeletion: false,
  ...over,
});

export const delivery = (body: string, over: Partial<NewDelivery> = {}): NewDelivery => ({
  source: 'ridewithgps',
  client: 'key',
  receivedAt: 1_000,
  headers: {},
  body: Buffer.from(body),
  ...over,
});

export const room = (over: Partial<ClaimRequest> = {}): ClaimRequest => ({
  room: 10,
  perAccount: 4,
  now: 2_000,
  ...over,
});

export const done = (claim: Claim): Settlement => ({ claim, kind: 'done', followUps: [] });

export function only<T>(list: readonly T[]): T {
  const [first] = list;
  if (first === undefined || list.length !== 1) throw new Error(`Expected one, there are ${list.length}.`);
  return first;
}
