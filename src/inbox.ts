import { evidenceOf } from './evidence.ts';
import { type Seal, Unsealable } from './seal.ts';
import type { Reading, ReadNotification, Source } from './sources/source.ts';
import {
  type Delivery,
  type Inbox,
  type NewDelivery,
  type ReplayAnswer,
  TAKEN_AT_ONCE,
  type Taken,
} from './storage/inbox.ts';
import { type AccountRef, type Notification, type Problem, SOURCE_TITLES, type SourceName } from './vocabulary.ts';

/** Beyond this the deliveries wait on disk, where they are anyway. */
const HELD_IN_MEMORY = 1_000;
const TAKEN_FROM_DISK = 50;
/** After the disk refused. */
const RETRY_MS = 1_000;
/** While deliveries keep arriving, turning them into tasks gets one part of the time, and acknowledging gets this many. */
const REST_PER_WORK = 9;

interface Kept {
  id: number;
  source: Pick<Source, 'name' | 'read'>;
  receivedAt: number;
  value: unknown;
  client: string;
}

export interface IntakeParts {
  inbox: Inbox;
  sources: ReadonlyMap<SourceName, Source>;
  seal: Pick<Seal, 'seal'>;
  /** Told after deliveries have become tasks. */
  onTaken: (accounts: AccountRef[]) => void;
  onError: (error: unknown) => void;
}

/**
 * Turns committed deliveries into tasks, after the acknowledgement and in the order of ids. What it has in memory is only a
 * shortcut: after a crash, or when too much has piled up, it reads the same deliveries from disk.
 */
export function createIntake({ inbox, sources, seal, onTaken, onError }: IntakeParts) {
  let held: Kept[] = [];
  /** The next deliveries are to be read from disk; what is offered meanwhile will be found there too. */
  let onDisk = true;
  let arrived = 0;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let left: Promise<void> | undefined;
  let closed = false;

  function offer(kept: Kept): void {
    arrived += 1;
    if (!onDisk) held.push(kept);
    if (held.length > HELD_IN_MEMORY) turnToDisk();
    schedule(0);
  }

  function turnToDisk(): void {
    held = [];
    onDisk = true;
  }

  function schedule(restMs: number): void {
    if (closed || timer || running) return;
    timer = setTimeout(() => {
      timer = undefined;
      running = paced();
    }, restMs);
  }

  async function paced(): Promise<void> {
    const before = arrived;
    const began = performance.now();
    let failed = false;
    try {
      await slice();
    } catch (error) {
      turnToDisk();
      onError(error);
      failed = true;
    }
    const worked = performance.now() - began;
    running = undefined;
    if (held.length > 0 || onDisk) schedule(failed ? RETRY_MS : arrived > before ? worked * REST_PER_WORK : 0);
  }

  /** @throws what the storage throws; the deliveries stay untaken and are tried again. */
  async function slice(): Promise<void> {
    if (onDisk) return takeFromDisk();
    const batch = nextHeld();
    if (batch.length === 0) return;
    const taken = batch.map((kept) => ({ id: kept.id, ...readHeld(kept) }));
    await inbox.take(taken);
    onTaken(taken.flatMap(({ notifications }) => notifications.map(({ key }) => key)));
  }

  async function takeFromDisk(): Promise<void> {
    const before = arrived;
    const { deliveries, accounts } = await inbox.takeNext(TAKEN_FROM_DISK, readStored);
    // Everything was taken, and nothing arrived meanwhile: from here on memory holds what comes.
    if (deliveries === 0) onDisk = arrived !== before;
    else onTaken(accounts);
  }

  /** The oldest first. The last few may still be in the memory of another process; that they are taken here does no harm. */
  async function takeLeft(before: number): Promise<void> {
    for (let latest = 0; latest < before; ) {
      latest = before;
      const { deliveries, accounts } = await inbox.takeNext(TAKEN_FROM_DISK, (delivery) => {
        latest = delivery.receivedAt;
        return readStored(delivery);
      });
      if (deliveries > 0) onTaken(accounts);
    }
  }

  const readHeld = ({ source, value, client, ...kept }: Kept): Omit<Taken, 'id'> =>
    outcomeOf(kept, source.name, () => source.read(value, kept.receivedAt, client));

  function readStored({ source: name, body, client, ...kept }: Delivery): Omit<Taken, 'id'> {
    const source = sources.get(name) ?? notConfigured(name);
    return outcomeOf(kept, name, () => {
      const parsed = source.parse(body);
      return source.read(parsed.ok ? parsed.value : [], kept.receivedAt, client);
    });
  }

  function outcomeOf({ id, receivedAt }: Pick<Kept, 'id' | 'receivedAt'>, source: SourceName, read: () => Reading) {
    const { notifications, rejections } = readingOf(id, read);
    return {
      notifications: notifications.map(sealed),
      rejections: rejections.map((each) => ({ ...each, deliveryId: id, source, learntAt: receivedAt })),
    };
  }

  /** A fault of our own in reading one delivery must not keep those behind it from being read. */
  function readingOf(id: number, read: () => Reading): Reading {
    try {
      return read();
    } catch (error) {
      onError(error);
      const sentence = `Delivery ${id} could not be read because of a fault in Slipstream; the log says which. The next reconciliation finds what it announced. Please report it.`;
      return { notifications: [], rejections: [{ problem: { code: 'broken', sentence }, evidence: '' }] };
    }
  }

  function nextHeld(): Kept[] {
    let size = 0;
    const end = held.findIndex(({ value }) => {
      size += Array.isArray(value) ? value.length : 1;
      return size > TAKEN_AT_ONCE;
    });
    return held.splice(0, end === -1 ? held.length : Math.max(end, 1));
  }

  /** A privacy code is as secret as a token, so it is sealed before it is stored with the task. */
  function sealed({ secret, ...notification }: ReadNotification): Notification {
    return secret === undefined ? notification : { ...notification, secret: seal.seal(secret, notification.key) };
  }

  return {
    offer,
    start: () => schedule(0),
    /**
     * Where several processes share an inbox: takes what was received before that instant, epoch milliseconds, and is not taken yet. The
     * process that had it in memory is gone.
     */
    takeLeft: (before: number): void => {
      left ??= takeLeft(before)
        .catch(onError)
        .finally(() => {
          left = undefined;
        });
    },
    /** Reads one dead letter again. @returns false when it still cannot be read: then the letter says that. */
    async readAgain(id: number, source: Source, letter: LetterToRead): Promise<boolean> {
      const again = letter.letter === 'delivery' ? readDelivery(source, letter) : readElement(source, letter);
      if (!again.ok) {
        const sentence = `Read again, with no other result. ${again.problem.sentence}`;
        await inbox.keepLetter(id, { ...again.problem, sentence });
        return false;
      }
      const { notifications, rejections } = again.reading;
      const learntAt = letter.receivedAt;
      await inbox.closeLetter(
        id,
        notifications.map(sealed),
        rejections.map((each) => ({ ...each, source: source.name, learntAt })),
      );
      onTaken(notifications.map(({ key }) => key));
      return true;
    },
    /** Resolves when every committed delivery has become tasks. */
    async settled(): Promise<void> {
      while (held.length > 0 || onDisk) {
        schedule(0);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      await running;
    },
    async close(): Promise<void> {
      closed = true;
      clearTimeout(timer);
      await running;
      await left;
    },
  };
}

export type Intake = ReturnType<typeof createIntake>;

/** It was received while the source was configured. What came after it must not wait until the source is configured again. */
const notConfigured = (name: SourceName): Pick<Source, 'name' | 'parse' | 'read'> => ({
  name,
  parse: (body) => ({ ok: true, value: body }),
  read: (body) => ({
    notifications: [],
    rejections: [
      {
        problem: {
          code: 'not-configured',
          sentence: `A webhook of ${SOURCE_TITLES[name]} was received, and then its settings were taken away before it was read. Set them again and replay this, or dismiss it.`,
        },
        evidence: evidenceOf(Buffer.isBuffer(body) ? body : '', (text) => text),
      },
    ],
  }),
});

type LetterToRead = Extract<ReplayAnswer, { kind: 'read-again' }>;
type ReadAgain = { ok: true; reading: Reading } | { ok: false; problem: Problem };

/** Good elements become tasks, and each bad one becomes a letter of its own. */
function readDelivery(source: Source, { bytes, receivedAt, client }: LetterToRead): ReadAgain {
  const parsed = source.parse(bytes);
  return parsed.ok ? { ok: true, reading: source.read(parsed.value, receivedAt, client) } : parsed;
}

function readElement(source: Source, { bytes, receivedAt, client }: LetterToRead): ReadAgain {
  const element = parsedElement(bytes);
  if (element === undefined) return { ok: false, problem: CUT };
  const reading = source.readElement(element, receivedAt, client);
  const [rejection] = reading.rejections;
  return rejection ? { ok: false, problem: rejection.problem } : { ok: true, reading };
}

function parsedElement(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    // A very long element was not kept whole, and of very many bad ones the last were not kept at all.
    return undefined;
  }
}

const CUT: Problem = {
  code: 'unreadable-notification',
  sentence:
    'Too little of this notification was kept to read it again. The next reconciliation finds what it announced. Nothing needs to be done: dismiss it.',
};

export interface SecretsParts {
  sources: ReadonlyMap<SourceName, Source>;
  seal: Pick<Seal, 'seal' | 'openBytes'>;
  onError: (error: unknown) => void;
}

/**
 * An inbox that seals what is as secret as a token. A delivery that holds such a secret keeps its bytes as they were signed, but sealed,
 * and what people are shown of it leaves the secret out. For every other delivery this costs one search of its bytes.
 */
export function sealDeliveries(inbox: Inbox, { sources, seal, onError }: SecretsParts): Inbox {
  function concealed(delivery: NewDelivery): NewDelivery {
    const { source, body, unreadable } = delivery;
    const evidence = unreadable && { evidence: evidenceOf(body, (text) => shown(source, text)) };
    if (!sources.get(source)?.holdsSecret(body)) return { ...delivery, ...evidence };
    return { ...delivery, body: seal.seal(body, everybodyOf(source)), sealed: true, ...evidence };
  }

  const withoutSecrets = <R extends { source: SourceName; evidence: string }>(rejections: readonly R[]): R[] =>
    rejections.map((each) => ({ ...each, evidence: shown(each.source, each.evidence) }));

  function shown(source: SourceName, text: string): string {
    return sources.get(source)?.withoutSecret(text) ?? text;
  }

  const unsealed = (delivery: Delivery): Delivery =>
    delivery.sealed ? { ...delivery, body: opened(delivery.source, delivery.body), sealed: false } : delivery;

  /** Empty where the key is gone: then the accounts have to connect again, and the reconciliation that follows finds everything. */
  function opened(source: SourceName, body: Buffer): Buffer {
    try {
      return seal.openBytes(body, everybodyOf(source));
    } catch (error) {
      if (!(error instanceof Unsealable)) throw error;
      onError(new Error('A delivery cannot be opened: the key that sealed it is gone.', { cause: error }));
      return Buffer.alloc(0);
    }
  }

  return {
    ...inbox,
    keep: (delivery) => inbox.keep(concealed(delivery)),
    take: (taken) => inbox.take(taken.map((each) => ({ ...each, rejections: withoutSecrets(each.rejections) }))),
    takeNext: (limit, read) =>
      inbox.takeNext(limit, (delivery) => {
        const { notifications, rejections } = read(unsealed(delivery));
        return { notifications, rejections: withoutSecrets(rejections) };
      }),
    closeLetter: (id, notifications, rejections) => inbox.closeLetter(id, notifications, withoutSecrets(rejections)),
    async replay(...which) {
      const answer = await inbox.replay(...which);
      if (answer.kind !== 'read-again' || !answer.sealed) return answer;
      return { ...answer, bytes: opened(answer.source, answer.bytes), sealed: false };
    },
  };
}

/** A delivery may speak of several accounts, so what seals it is bound to its source alone. */
export const everybodyOf = (source: SourceName): AccountRef => ({ source, account: '' });
