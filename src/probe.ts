import { probeOf } from './sources/source.ts';
import type { AccountRef, Notification } from './vocabulary.ts';

/** A 401 is asked about once more after this long, before a person is bothered. */
export const PROBE_AFTER_MS = 5_000;

/** Asks the provider whether it still takes the token, after a while. */
export function probe(ref: AccountRef, learntAt: number): Notification {
  const notBefore = learntAt + PROBE_AFTER_MS;
  return { key: probeOf(ref), origin: 'follow-up', action: 'refused', learntAt, notBefore, announcesDeletion: false };
}
