import type { RawRequest, Source } from './sources/source.ts';
import type { Deliveries, NewDelivery } from './storage/inbox.ts';

/** What the sender is told. */
export type Reply =
  | { status: 200 }
  | { status: 400 | 401; code: string; message: string }
  /** Not stored, so not acknowledged. */
  | { status: 503; code: string; message: string; retryAfterSeconds: number };

export interface ReceiverParts {
  inbox: Pick<Deliveries, 'keep'>;
  now: () => number;
  /** Told after the commit, in the order of ids. `value` is the parsed body, undefined where it could not be read. */
  onKept: (kept: { id: number; source: Source; receivedAt: number; value: unknown }) => void;
  onError: (error: unknown) => void;
}

interface Waiting {
  delivery: NewDelivery;
  source: Source;
  value: unknown;
  reply: (reply: Reply) => void;
}

/**
 * Verify the raw bytes, parse as far as to say 400, commit, answer. Nothing else happens before the answer.
 * Deliveries that arrive in the same turn of the event loop are committed together: the disk is asked once for all of them.
 */
export function createReceiver({ inbox, now, onKept, onError }: ReceiverParts) {
  let waiting: Waiting[] = [];

  function receive(source: Source, request: RawRequest): Promise<Reply> {
    const verification = source.verify(request);
    if (!verification.ok) return Promise.resolve({ status: 401, code: 'unauthorized', message: verification.message });
    const parsed = source.parse(request.body);
    const delivery: NewDelivery = {
      source: source.name,
      client: verification.client,
      receivedAt: now(),
      headers: keptHeaders(source, request),
      body: request.body,
      ...(!parsed.ok && { unreadable: parsed.problem }),
    };
    return new Promise((reply) => {
      if (waiting.length === 0) setImmediate(commit);
      waiting.push({ delivery, source, value: parsed.ok ? parsed.value : undefined, reply });
    });
  }

  async function commit(): Promise<void> {
    const batch = waiting;
    waiting = [];
    try {
      const ids = await inbox.keep(batch.map(({ delivery }) => delivery));
      batch.forEach(({ delivery, source, value, reply }, index) => {
        reply(delivery.unreadable ? unreadable(delivery.unreadable.code) : { status: 200 });
        const id = ids[index];
        if (id !== undefined && !delivery.unreadable) onKept({ id, source, receivedAt: delivery.receivedAt, value });
      });
    } catch (error) {
      onError(error);
      for (const { reply } of batch) reply(notStored);
    }
  }

  return { receive };
}

export type Receiver = ReturnType<typeof createReceiver>;

const notStored: Reply = {
  status: 503,
  code: 'not_stored',
  message: 'The delivery could not be written to disk and was not taken. Send it again.',
  retryAfterSeconds: 30,
};

const unreadable = (code: string): Reply => ({
  status: 400,
  code: code.replaceAll('-', '_'),
  message:
    'The signature is right, but the body is not JSON with a list of notifications. It was kept for a person to look at.',
});

function keptHeaders({ keptHeaders }: Source, { headers }: RawRequest): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of keptHeaders) {
    const value = headers[name];
    if (typeof value === 'string') kept[name] = value.slice(0, 200);
  }
  return kept;
}
