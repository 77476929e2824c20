import { createRepeats } from './repeats.ts';
import type { RawRequest, Source } from './sources/source.ts';
import type { Board } from './storage/board.ts';
import type { Deliveries } from './storage/inbox.ts';
import type { SourceName } from './vocabulary.ts';

/** What the sender is told. */
export type Reply =
  | { status: 200; answer?: Record<string, string> }
  | { status: 400 | 401; code: string; message: string }
  /** Not stored, so not acknowledged. */
  | { status: 503; code: string; message: string; retryAfterSeconds: number };

/** More deliveries than this within a moment are a flood. */
const FLOOD = 20;
const MOMENT_MS = 100;

export interface ReceiverParts {
  inbox: Pick<Deliveries, 'keep'>;
  board: Pick<Board, 'get' | 'put'>;
  now: () => number;
  /** Told after the commit, in the order of ids. `value` is the parsed body. */
  onKept: (kept: { id: number; source: Source; receivedAt: number; value: unknown; client: string }) => void;
  onError: (error: unknown) => void;
}

/**
 * Verify the raw bytes, parse as far as to say 400, commit, answer. Nothing else happens before the answer. The storage commits
 * together what arrives in the same turn of the event loop, so the disk is asked once for all of it.
 */
export function createReceiver({ inbox, board, now, onKept, onError }: ReceiverParts) {
  // How many came in this moment, and how many in the one before it.
  let moment = { since: 0, count: 0 };
  let before = moment;
  const repeats = createRepeats();

  async function receive(source: Source, request: RawRequest): Promise<Reply> {
    const verification = source.verify(request);
    if (!verification.ok) return setUpAnswer(source, request) ?? unauthorized(verification.message);
    const parsed = source.parse(request.body);
    const answer = parsed.ok ? source.handshake?.(parsed.value) : undefined;
    if (answer) return { status: 200, answer };
    const repeat = parsed.ok ? repeats.of(source, verification.client, request) : undefined;
    if (repeat?.wasKept()) return { status: 200 };
    const receivedAt = now();
    try {
      const id = await inbox.keep({
        source: source.name,
        client: verification.client,
        receivedAt,
        headers: keptHeaders(source, request),
        body: request.body,
        ...(!parsed.ok && { unreadable: parsed.problem }),
      });
      count(receivedAt);
      if (!parsed.ok) return unreadable(parsed.problem.code);
      repeat?.keep();
      onKept({ id, source, receivedAt, value: parsed.value, client: verification.client });
      return { status: 200 };
    } catch (error) {
      onError(error);
      return notStored;
    }
  }

  /** Before both sides know the secret, a provider may ask, unsigned, whether the address is ours. It is told only while a person sets it up. */
  function setUpAnswer(source: Source, request: RawRequest): Reply | undefined {
    if (!isSettingUp(source.name)) return undefined;
    const parsed = source.parse(request.body);
    const answer = parsed.ok ? source.handshake?.(parsed.value) : undefined;
    return answer && { status: 200, answer };
  }

  /** On the board, since the provider's request may come to another process than the person's. */
  function settingUpUntil(source: SourceName): number | undefined {
    const until = Number(board.get(setUpOf(source)) ?? 0);
    return until > now() ? until : undefined;
  }

  const isSettingUp = (source: SourceName): boolean => settingUpUntil(source) !== undefined;

  return {
    receive,
    isSettingUp,
    /** Epoch milliseconds; undefined while this source is not being set up. */
    settingUpUntil,
    /** For this long, an unsigned handshake of this source is answered. */
    setUp: (source: SourceName, forMs: number): Promise<void> => board.put(setUpOf(source), now() + forMs),
    /** Deliveries are pouring in: whatever else wants this thread should wait a little. */
    isBusy: () => now() - moment.since < 2 * MOMENT_MS && Math.max(moment.count, before.count) > FLOOD,
  };

  function count(at: number): void {
    if (at - moment.since > MOMENT_MS) {
      before = at - moment.since > 2 * MOMENT_MS ? { since: 0, count: 0 } : moment;
      moment = { since: at, count: 0 };
    }
    moment.count += 1;
  }
}

export type Receiver = ReturnType<typeof createReceiver>;

const setUpOf = (source: SourceName): string => `set-up ${source}`;

const unauthorized = (message: string): Reply => ({ status: 401, code: 'unauthorized', message });

const notStored: Reply = {
  status: 503,
  code: 'not_stored',
  message: 'The delivery could not be written to disk and was not taken. Send it again.',
  retryAfterSeconds: 30,
};

const unreadable = (code: string): Reply => ({
  status: 400,
  code: code.replaceAll('-', '_'),
  message: 'The request is from the provider, but its body could not be read. It was kept for a person to look at.',
});

function keptHeaders({ keptHeaders }: Source, { headers }: RawRequest): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of keptHeaders) {
    const value = headers[name];
    if (typeof value === 'string') kept[name] = value.slice(0, 200);
  }
  return kept;
}
