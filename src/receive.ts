import type { RawRequest, Source } from './sources/source.ts';
import type { Deliveries } from './storage/inbox.ts';

/** What the sender is told. */
export type Reply =
  | { status: 200 }
  | { status: 400 | 401; code: string; message: string }
  /** Not stored, so not acknowledged. */
  | { status: 503; code: string; message: string; retryAfterSeconds: number };

const BUSY_FOR_MS = 5;

export interface ReceiverParts {
  inbox: Pick<Deliveries, 'keep'>;
  now: () => number;
  /** Told after the commit, in the order of ids. `value` is the parsed body. */
  onKept: (kept: { id: number; source: Source; receivedAt: number; value: unknown }) => void;
  onError: (error: unknown) => void;
}

/**
 * Verify the raw bytes, parse as far as to say 400, commit, answer. Nothing else happens before the answer. The storage commits
 * together what arrives in the same turn of the event loop, so the disk is asked once for all of it.
 */
export function createReceiver({ inbox, now, onKept, onError }: ReceiverParts) {
  let keptAt = 0;

  async function receive(source: Source, request: RawRequest): Promise<Reply> {
    const verification = source.verify(request);
    if (!verification.ok) return { status: 401, code: 'unauthorized', message: verification.message };
    const parsed = source.parse(request.body);
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
      keptAt = receivedAt;
      if (!parsed.ok) return unreadable(parsed.problem.code);
      onKept({ id, source, receivedAt, value: parsed.value });
      return { status: 200 };
    } catch (error) {
      onError(error);
      return notStored;
    }
  }

  return {
    receive,
    /** Something was acknowledged in the last few milliseconds. */
    isBusy: () => now() - keptAt < BUSY_FOR_MS,
  };
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
