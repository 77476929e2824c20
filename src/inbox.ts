import type { Seal } from './seal.ts';
import type { Reading, ReadNotification, Source } from './sources/source.ts';
import type { Inbox, Rejection } from './storage/inbox.ts';
import type { AccountRef, Notification, SourceName } from './vocabulary.ts';

/** One transaction's worth: long enough to pay for its commit, short enough that an acknowledgement hardly notices. */
const SLICE_NOTIFICATIONS = 1_000;
/** Beyond this the deliveries wait on disk, where they are anyway. */
const HELD_IN_MEMORY = 1_000;
const READ_FROM_DISK = 50;
/** After the disk refused. */
const RETRY_MS = 1_000;
/** While deliveries keep arriving, making tasks of them gets one part of the time, and acknowledging this many. */
const REST_PER_WORK = 9;

interface Kept {
  id: number;
  source: Source;
  receivedAt: number;
  value: unknown;
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
    if (held.length === 0 && onDisk) await readFromDisk();
    const batch = nextHeld();
    const last = batch.at(-1);
    if (!last) return;
    const readings = batch.map((kept) => ({ kept, reading: kept.source.read(kept.value, kept.receivedAt) }));
    const notifications = readings.flatMap(({ reading }) => reading.notifications.map(sealed));
    const rejections = readings.flatMap(({ kept, reading }) => rejectionsOf(kept, reading));
    await inbox.take(last.id, notifications, rejections);
    onTaken(notifications.map(({ key }) => key));
  }

  function nextHeld(): Kept[] {
    let size = 0;
    const end = held.findIndex(({ value }) => {
      size += Array.isArray(value) ? value.length : 1;
      return size > SLICE_NOTIFICATIONS;
    });
    return held.splice(0, end === -1 ? held.length : Math.max(end, 1));
  }

  async function readFromDisk(): Promise<void> {
    const before = arrived;
    const deliveries = await inbox.untaken(READ_FROM_DISK);
    // Everything was read, and nothing arrived while reading: from here on memory holds what comes.
    if (deliveries.length === 0) onDisk = arrived !== before;
    held = deliveries.map(({ id, source: name, receivedAt, body }) => {
      const source = sources.get(name);
      if (!source)
        throw new Error(`Delivery ${id} is of ${name}, which is not configured any more: it waits until it is.`);
      const parsed = source.parse(body);
      return { id, source, receivedAt, value: parsed.ok ? parsed.value : [] };
    });
  }

  /** A privacy code is as secret as a token, so it is sealed before it is stored with the task. */
  function sealed({ secret, ...notification }: ReadNotification): Notification {
    return secret === undefined ? notification : { ...notification, secret: seal.seal(secret, notification.key) };
  }

  return {
    offer,
    start: () => schedule(0),
    /** Reads one dead letter again. @returns false when it still cannot be read. */
    async readAgain(
      id: number,
      source: Source,
      letter: 'delivery' | 'notification',
      bytes: Buffer,
      at: number,
    ): Promise<boolean> {
      const reading = letter === 'delivery' ? readDelivery(source, bytes, at) : readElement(source, bytes, at);
      if (!reading || reading.rejections.length > 0) return false;
      await inbox.closeLetter(id, reading.notifications.map(sealed));
      onTaken(reading.notifications.map(({ key }) => key));
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
    },
  };
}

export type Intake = ReturnType<typeof createIntake>;

function rejectionsOf({ id, source, receivedAt }: Kept, { rejections }: Reading): Rejection[] {
  return rejections.map((rejection) => ({ ...rejection, deliveryId: id, source: source.name, learntAt: receivedAt }));
}

function readDelivery(source: Source, bytes: Buffer, at: number): Reading | undefined {
  const parsed = source.parse(bytes);
  return parsed.ok ? source.read(parsed.value, at) : undefined;
}

function readElement(source: Source, bytes: Buffer, at: number): Reading | undefined {
  try {
    return source.readElement(JSON.parse(bytes.toString('utf8')), at);
  } catch {
    // The evidence is cut at a length, so it may not even be JSON: it stays a dead letter.
    return undefined;
  }
}
