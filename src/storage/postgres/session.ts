import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { SESSION_NAME } from './alone.ts';
import { connectionTo, inTransaction, type Queries, queriesOn, STAYING, settingsFor } from './database.ts';
import { asStorageError, isLostRace } from './errors.ts';

/**
 * The one connection of a process that means more than its statements: while it is there, the process has its locks and hears what others
 * say. Statements take turns on it. When it breaks, or does not answer, another one is made in the background, which first of all takes
 * the same locks again; until then whoever asks gets a storage error at once.
 */
export interface Session {
  /**
   * One transaction, done again from its beginning where another one was in its way. `work` says which session locks it took; when anything
   * fails, the connection is given up with all that it may have taken.
   */
  transaction<T>(work: (queries: Queries, took: (names: readonly string[]) => void) => Promise<T>): Promise<T>;
  /** @returns false when somebody else has it. Who has it may take it again, and has to release it as often. */
  tryLock(name: string): Promise<boolean>;
  /** Never fails: with its connection a lock is gone as well. */
  release(names: readonly string[]): Promise<void>;
  /** @returns what ends it. */
  listen(channel: string, listener: (payload: string) => void): () => void;
  /** Told whenever there is a connection after there was none: what was said before is not heard any more. @returns what ends it. */
  onBack(listener: () => void): () => void;
  close(): Promise<void>;
}

/** A statement of this connection takes milliseconds. */
const PATIENCE_MS = 10_000;
/** A connection that died without a word is found out by asking. */
const LOOK_MS = 10_000;
const SHORTEST_PAUSE_MS = 50;
/** Well below the grace of `recover`: whoever is back must have its locks before anybody believes it gone. */
const LONGEST_PAUSE_MS = 2_000;
const MOST_TRIES = 5;

/** The server finds out as soon that this machine is gone, or stands still in the middle of a transaction, and gives its locks away. */
const SETTINGS = `${settingsFor(PATIENCE_MS)}; ${STAYING}; SET idle_in_transaction_session_timeout = ${PATIENCE_MS};
  SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3`;

// What the former connection of this process has is free at once, also where the server does not know yet that it is gone.
const END_FORMER = `
  SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity
  WHERE application_name = @me AND datname = current_database() AND pid <> pg_backend_pid()`;

/** It connects when it is first needed. */
export function openSession(url: string): Session {
  const me = `${SESSION_NAME} ${randomUUID()}`;
  /** With repetitions. */
  let held: string[] = [];
  const listeners = new Map<string, Set<(payload: string) => void>>();
  const whenBack = new Set<() => void>();
  let client: pg.Client | undefined;
  let connecting: Promise<pg.Client> | undefined;
  let again: NodeJS.Timeout | undefined;
  let look: NodeJS.Timeout | undefined;
  let pause = SHORTEST_PAUSE_MS;
  let closed = false;
  let last: Promise<unknown> = Promise.resolve();

  function turn<T>(work: (on: pg.Client) => Promise<T>): Promise<T> {
    const mine = last.then(async () => {
      const on = client ?? (await connected());
      try {
        return await work(on);
      } catch (error) {
        giveUp(on, 0);
        throw asStorageError(error);
      }
    });
    // Who asked is told; the next one has its turn all the same.
    last = mine.catch(() => {});
    return mine;
  }

  /** @throws a storage error while there is no connection and none is being made at this moment. */
  function connected(): Promise<pg.Client> {
    if (closed || again) return Promise.reject(away());
    connecting ??= connect().finally(() => {
      connecting = undefined;
    });
    return connecting;
  }

  async function connect(): Promise<pg.Client> {
    const next = new pg.Client(connectionTo(url, PATIENCE_MS, me));
    next.on('error', () => giveUp(next, 0));
    next.on('end', () => giveUp(next, 0));
    next.on('notification', ({ channel, payload = '' }) => {
      for (const listener of listeners.get(channel) ?? []) listener(payload);
    });
    try {
      await next.connect();
      await next.query(SETTINGS);
      await queriesOn(next).all(END_FORMER, { me });
      held = await lockAgain(next, held);
      for (const channel of listeners.keys()) await next.query(`LISTEN ${channel}`);
    } catch (error) {
      // Goodbye to a connection that failed, here and below: whatever comes of it, there is another one or none.
      void next.end().catch(() => {});
      comeBack(pause);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
      throw asStorageError(error);
    }
    if (closed) {
      void next.end().catch(() => {});
      throw away();
    }
    client = next;
    pause = SHORTEST_PAUSE_MS;
    // What it finds is what `turn` does about it: a connection that does not answer is given up.
    look ??= setInterval(() => void turn((on) => on.query('SELECT 1')).catch(() => {}), LOOK_MS).unref();
    for (const listener of whenBack) listener();
    return next;
  }

  function giveUp(broken: pg.Client, afterMs: number): void {
    if (client !== broken) return;
    client = undefined;
    // Where it hangs, saying goodbye would wait for an answer as well.
    void broken.end().catch(() => {});
    comeBack(afterMs);
  }

  function comeBack(afterMs: number): void {
    if (closed) return;
    again = setTimeout(() => {
      again = undefined;
      // It comes back by itself, later each time.
      connected().catch(() => {});
    }, afterMs);
  }

  async function transaction<T>(
    work: (queries: Queries, took: (names: readonly string[]) => void) => Promise<T>,
  ): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await turn(async (on) => {
          const taken: string[] = [];
          const answer = await inTransaction(on, (queries) => work(queries, (names) => void taken.push(...names)));
          held.push(...taken);
          return answer;
        });
      } catch (error) {
        if (tries >= MOST_TRIES || !isLostRace(error)) throw error;
        await new Promise((resolve) => setTimeout(resolve, SHORTEST_PAUSE_MS));
      }
    }
  }

  function forgetOne(name: string): boolean {
    const at = held.indexOf(name);
    if (at !== -1) held.splice(at, 1);
    return at !== -1;
  }

  return {
    transaction,
    tryLock: (name) =>
      turn(async (on) => {
        const [free] = await lockAgain(on, [name]);
        if (free !== undefined) held.push(name);
        return free !== undefined;
      }),
    async release(names) {
      if (names.length === 0) return;
      let mine: string[] | undefined;
      const forget = () => {
        mine ??= names.filter(forgetOne);
        return mine;
      };
      // The next connection must not take them.
      await turn((on) => unlock(on, forget())).catch(forget);
    },
    listen(channel, listener) {
      const all = listeners.get(channel) ?? new Set();
      const isNew = all.size === 0 && !listeners.has(channel);
      listeners.set(channel, all.add(listener));
      // A connection that is made from now on listens by itself, also after this one failed.
      if (isNew) turn((on) => on.query(`LISTEN ${channel}`)).catch(() => {});
      return () => void all.delete(listener);
    },
    onBack(listener) {
      whenBack.add(listener);
      return () => void whenBack.delete(listener);
    },
    async close() {
      closed = true;
      clearTimeout(again);
      clearInterval(look);
      await last;
      await connecting?.catch(() => {});
      const open = client;
      client = undefined;
      await open?.end().catch(() => {});
    },
  };
}

/** @returns those that were free. */
async function lockAgain(client: pg.Client, names: readonly string[]): Promise<string[]> {
  if (names.length === 0) return [];
  const rows = await queriesOn(client).all<{ name: string; free: boolean }>(
    'SELECT name, pg_try_advisory_lock(lock_of(name)) AS free FROM unnest(@names::text[]) AS name',
    { names },
  );
  return rows.filter(({ free }) => free).map(({ name }) => name);
}

async function unlock(client: pg.Client, names: readonly string[]): Promise<void> {
  await queriesOn(client).all('SELECT pg_advisory_unlock(lock_of(name)) FROM unnest(@names::text[]) AS name', {
    names,
  });
}

const away = (): Error =>
  Object.assign(new Error('PostgreSQL does not take it: the connection is lost, and another one is being made.'), {
    code: 'POSTGRES_CONNECTION',
  });
