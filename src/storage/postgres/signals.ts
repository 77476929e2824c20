import { randomUUID } from 'node:crypto';
import { createSignals as createLocal } from '../memory/signals.ts';
import type { Signals } from '../signals.ts';
import { CHANGED, DUE } from './channels.ts';
import type { Database } from './database.ts';
import type { Session } from './session.ts';

/** For an eye at the other end that is soon enough, and one statement says it of many. */
const COLLECT_MS = 200;
/** PostgreSQL takes less than 8,000 bytes. */
const MOST_BYTES = 7_500;

/** Of one process. What it says itself it hears at once, and not once more. */
export function openSignals(db: Database, session: Session): Signals & { close(): Promise<void> } {
  const local = createLocal();
  const me = randomUUID();
  let accounts = new Set<string>();
  let isDue = false;
  let timer: NodeJS.Timeout | undefined;
  let saying: Promise<unknown> = Promise.resolve();

  const ends = [
    session.listen(DUE, (from) => {
      if (from !== me) local.due();
    }),
    session.listen(CHANGED, (payload) => {
      const [from, ...changed] = namesIn(payload);
      if (from !== me) for (const account of changed) local.changed(account);
    }),
    // What others said meanwhile was not heard.
    session.onBack(local.due),
  ];

  function soon(): void {
    timer ??= setTimeout(() => {
      timer = undefined;
      // A hint that is lost is missed by nobody for long: whoever listens looks by itself now and then.
      saying = say().catch(() => {});
    }, COLLECT_MS);
  }

  async function say(): Promise<void> {
    const channels: string[] = [];
    const payloads: string[] = [];
    for (const payload of pieces(me, accounts)) {
      channels.push(CHANGED);
      payloads.push(payload);
    }
    if (isDue) {
      channels.push(DUE);
      payloads.push(me);
    }
    accounts = new Set();
    isDue = false;
    await db.run(
      'SELECT pg_notify(channel, payload) FROM unnest(@channels::text[], @payloads::text[]) AS said (channel, payload)',
      {
        channels,
        payloads,
      },
    );
  }

  return {
    ...local,
    changed(account) {
      local.changed(account);
      accounts.add(account);
      soon();
    },
    due() {
      local.due();
      isDue = true;
      soon();
    },
    async close() {
      for (const end of ends) end();
      clearTimeout(timer);
      await saying;
    },
  };
}

/** Nothing, where it is of another version or not of ours: a hint. */
function namesIn(payload: string): string[] {
  try {
    const names: unknown = JSON.parse(payload);
    return Array.isArray(names) ? names.map(String) : [];
  } catch {
    return [];
  }
}

/** As JSON, each beginning with who says it. */
function* pieces(me: string, accounts: ReadonlySet<string>): Iterable<string> {
  let piece = [me];
  let bytes = 0;
  for (const account of accounts) {
    const size = Buffer.byteLength(JSON.stringify(account)) + 1;
    if (size > MOST_BYTES) continue;
    if (bytes + size > MOST_BYTES) {
      yield JSON.stringify(piece);
      piece = [me];
      bytes = 0;
    }
    piece.push(account);
    bytes += size;
  }
  if (piece.length > 1) yield JSON.stringify(piece);
}
