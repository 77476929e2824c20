import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { zstdCompress } from 'node:zlib';
import { BRAKE_WINDOW_MS, brakeHolds } from './brake.ts';
import { Unacceptable } from './http/errors.ts';
import { isTooDeep } from './http/json.ts';
import type { Snapshot } from './sources/source.ts';
import type { Account } from './storage/accounts.ts';
import type { ItemRef, ItemVerbs, ItemWriter, Present, StoredItem } from './storage/items.ts';
import { type Claim, type Key, type Notification, SOURCE_TITLES } from './vocabulary.ts';

/** An unannounced deletion needs the same answer again after this long (promise 5). */
export const CONFIRM_AFTER_MS = 60_000;

/** Runs what may end the thread, so that it is known what did. */
export type Decoding = <T>(work: () => T) => T;

/** What became of a snapshot. `confirmAt`: to be fetched again then, before it is believed. */
export interface Applied {
  outcome: string;
  detail: string;
  followUps: Notification[];
  confirmAt?: number;
}

const nothing = { detail: '', followUps: [] };

/**
 * Stores what the source says now, in one durable transaction together with its line in the history.
 * The mirror is a function of such snapshots: nothing of a payload comes this far but the key.
 *
 * @throws Unacceptable when it is nested too deeply, and what its description throws.
 */
export async function applySnapshot(
  writer: ItemWriter,
  account: Account,
  claim: Claim,
  snapshot: Snapshot,
  now: () => number,
  decoding: Decoding = (work) => work(),
): Promise<Applied> {
  const ref = { accountId: account.id, type: claim.key.type, id: claim.key.id };
  const present = snapshot.kind === 'present' ? await prepare(writer, ref, snapshot, decoding) : undefined;
  return writer.transaction(async (items) => {
    const at = now();
    const applied = present
      ? await keep(items, ref, claim, present, at)
      : await applyOther(items, account, ref, claim, snapshot, at);
    await items.record(account.id, claim, applied.outcome, applied.detail, at);
    return applied;
  });
}

/**
 * A body that is not there yet is read and compressed before the transaction, which would make every other writer wait. It is
 * compressed on another core: that takes as long as reading it.
 */
async function prepare(
  writer: ItemWriter,
  ref: ItemRef,
  { raw, beganAt, describe, stated = false }: Extract<Snapshot, { kind: 'present' }>,
  decoding: Decoding,
): Promise<Present> {
  const hash = createHash('sha256').update(raw).digest();
  const present = { hash, bytes: raw.length, beganAt, stated, describe: once(describe) };
  if (await writer.hasBody(ref, hash)) return { ...present, compressed: Buffer.alloc(0) };
  const compressing = compress(raw);
  // Awaited in any case: a failure in between must not leave a promise that nobody looks at.
  const [compressed] = await Promise.all([compressing, decoded(() => decoding(() => read(raw, present.describe)))]);
  return { ...present, compressed };
}

function read(raw: Buffer, describe: () => unknown): void {
  describe();
  if (isTooDeep(raw)) throw new Unacceptable('too-deep', TOO_DEEP, { answer: { status: 200, body: raw } });
}

const TOO_DEEP = 'Its data is nested too deeply to be shown.';

const compressAsync = promisify(zstdCompress);
/** In one piece: each further one is a round through the thread pool and a copy. */
const compress = (raw: Buffer): Promise<Buffer> =>
  compressAsync(raw, { chunkSize: Math.max(64 * 1024, raw.length >> 1) });

const decoded = async (work: () => unknown): Promise<void> => void work();

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

async function keep(items: ItemVerbs, ref: ItemRef, claim: Claim, present: Present, now: number): Promise<Applied> {
  const outcome = await items.keep(ref, present, claim, now);
  return { outcome, detail: '', followUps: await forOthers(items, ref, claim, now) };
}

async function applyOther(
  items: ItemVerbs,
  account: Account,
  ref: ItemRef,
  claim: Claim,
  snapshot: Snapshot,
  now: number,
): Promise<Applied> {
  switch (snapshot.kind) {
    case 'pins':
      return replacePins(items, account, claim, snapshot.pins, now);
    case 'accepted':
      return { outcome: 'accepted', ...nothing };
    default:
      if (snapshot.kind === 'gone' && snapshot.version !== undefined)
        return applyStatedDeletion(items, ref, claim, snapshot.version, now);
      return applyAbsence(items, ref, claim, snapshot.kind === 'gone', now);
  }
}

/** The provider does not have it any more, or not for this account. */
async function applyAbsence(
  items: ItemVerbs,
  ref: ItemRef,
  claim: Claim,
  gone: boolean,
  now: number,
): Promise<Applied> {
  const item = await items.find(ref);
  if (!item?.hasBody) {
    await items.keepAbsent(ref, claim, now);
    return { outcome: gone ? 'never seen, gone' : 'never seen, not visible', ...nothing };
  }
  if (item.seq > claim.seq) return { outcome: 'stale', ...nothing };
  if (!item.owned) {
    await items.refuse(item, claim, now);
    return { outcome: 'hidden', ...nothing };
  }
  if (!gone)
    return {
      outcome: 'refused',
      detail: `${SOURCE_TITLES[claim.key.source]} refuses this account its own item.`,
      followUps: [],
    };
  if (item.deletedAt !== null) return { outcome: 'still gone', ...nothing };
  return applyDeletion(items, ref, claim, item, now);
}

/** The source's own word, and as of an instant: what it said of the item before that is history. */
async function applyStatedDeletion(
  items: ItemVerbs,
  ref: ItemRef,
  claim: Claim,
  version: string,
  now: number,
): Promise<Applied> {
  const item = await items.find(ref);
  if (!item?.hasBody) {
    await items.keepAbsent(ref, claim, now, version);
    return { outcome: 'never seen, gone', ...nothing };
  }
  if (item.version > version || item.seq > claim.seq) return { outcome: 'stale', ...nothing };
  await items.bury(item, claim, true, now, version);
  return { outcome: 'tombstoned', ...nothing };
}

async function applyDeletion(
  items: ItemVerbs,
  ref: ItemRef,
  claim: Claim,
  item: StoredItem,
  now: number,
): Promise<Applied> {
  if (claim.announcesDeletion) return bury(items, ref, claim, item, now);
  // Its owner was asked, and is not asked again unless it comes back first.
  if (item.keptAt !== null)
    return {
      outcome: 'kept',
      detail: `Gone at ${SOURCE_TITLES[claim.key.source]}; its owner keeps it.`,
      followUps: [],
    };
  if (item.missingAt === null) {
    await items.setMissing(item, claim, now);
    return {
      outcome: 'missing',
      detail: 'Not announced: asked again in a minute.',
      followUps: [],
      confirmAt: now + CONFIRM_AFTER_MS,
    };
  }
  if (now - item.missingAt < CONFIRM_AFTER_MS) {
    return { outcome: 'missing', ...nothing, confirmAt: item.missingAt + CONFIRM_AFTER_MS };
  }
  if (item.heldAt !== null || brakeHolds(await items.lossesSince(ref.accountId, now - BRAKE_WINDOW_MS))) {
    await items.setHeld(item, claim, now);
    return { outcome: 'held', detail: 'Too many deletions that nobody announced: waits for the owner.', followUps: [] };
  }
  return bury(items, ref, claim, item, now);
}

async function bury(items: ItemVerbs, ref: ItemRef, claim: Claim, item: StoredItem, now: number): Promise<Applied> {
  const others = await forOthers(items, ref, claim, now);
  await items.bury(item, claim, claim.announcesDeletion, now);
  return { outcome: 'tombstoned', detail: '', followUps: others };
}

/**
 * Another rider who has this item pinned sees the change too, and is not told by the provider. Asked for after every fetch
 * for the owner, also when nothing changed: the first one may have been cut off between the mirror and the inbox.
 */
async function forOthers(items: ItemVerbs, ref: ItemRef, claim: Claim, now: number): Promise<Notification[]> {
  const followers = await items.pinnedBy(ref);
  return followers.map((account) => followUp({ ...claim.key, account }, 'changed for its owner', now));
}

async function replacePins(
  items: ItemVerbs,
  account: Account,
  claim: Claim,
  pins: { type: string; id: string }[],
  now: number,
): Promise<Applied> {
  const wanted = await items.replacePins(account.id, pins, claim, now);
  if (!wanted) return { outcome: 'stale', ...nothing };
  const { source, account: user } = claim.key;
  const followUps = wanted.map(({ type, id }) => followUp({ source, account: user, type, id }, 'pinned', now));
  return { outcome: 'pins replaced', detail: `${pins.length} pinned`, followUps };
}

function followUp(key: Key, action: string, learntAt: number): Notification {
  return { key, origin: 'follow-up', action, learntAt, announcesDeletion: false };
}
