import type { AccountWriter } from './accounts.ts';
import type { Board } from './board.ts';
import type { Inbox } from './inbox.ts';
import type { Items } from './items.ts';
import type { Locks } from './locks.ts';
import type { MirrorReader } from './mirror.ts';
import type { PhotoVerbs } from './photos.ts';
import type { RunWriter } from './runs.ts';
import type { SessionWriter } from './sessions.ts';
import type { Signals } from './signals.ts';

/** What is written to the mirror outside of a fetch. */
export interface Verbs {
  accounts: AccountWriter;
  sessions: SessionWriter;
  items: Pick<Items, 'confirmHeld' | 'confirmKept' | 'keepHeld'>;
  runs: RunWriter;
  photos: PhotoVerbs;
}

/** Asks a worker for a verb of one of the stores. */
type Call = (store: keyof Verbs, method: string, args: unknown[]) => Promise<unknown>;

/** Everything that the main thread of a process needs of the storage. */
export interface Store {
  inbox: Inbox;
  mirror: MirrorReader;
  board: Board;
  locks: Locks;
  signals: Signals;
  /** @param call Where only workers may write, they are asked by it. */
  verbs(call: Call): Verbs;
  /** What workers committed so far is durable when it resolves. */
  flush(): Promise<void>;
  /** After the workers. */
  close(): Promise<void>;
}
