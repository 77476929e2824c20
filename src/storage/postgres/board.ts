import type { Board } from '../board.ts';
import { PUT } from './channels.ts';
import type { Database } from './database.ts';
import type { Session } from './session.ts';

interface Row {
  name: string;
  /** JSON. */
  value: string;
}

const WRITE = `
  WITH put AS (
    INSERT INTO board (name, value) VALUES (@name, @value) ON CONFLICT (name) DO UPDATE SET value = excluded.value RETURNING name)
  SELECT pg_notify('${PUT}', name) FROM put`;
const OFFER = `
  WITH put AS (INSERT INTO board (name, value) VALUES (@name, @value) ON CONFLICT (name) DO NOTHING RETURNING name)
  SELECT pg_notify('${PUT}', name) FROM put`;
const REMOVE = `
  WITH removed AS (DELETE FROM board WHERE name = @name RETURNING name)
  SELECT pg_notify('${PUT}', name) FROM removed`;
const SELECT = 'SELECT name, value FROM board';
const SELECT_ONE = 'SELECT name, value FROM board WHERE name = @name';

const READ_AGAIN_MS = 1_000;

/** Of one process: a copy of the table, which is read again where somebody says that it changed. */
export async function openBoard(db: Database, session: Session): Promise<Board & { close(): Promise<void> }> {
  const values = new Map<string, unknown>();
  /** How many values of our own are on their way, by name: until they are there, ours is the latest that we know. */
  const underWay = new Map<string, number>();
  const listeners = new Set<(name: string, value: unknown) => void>();
  let reading: Promise<void> = Promise.resolve();
  let writing: Promise<void> = Promise.resolve();
  let again: NodeJS.Timeout | undefined;
  let closed = false;

  function set(name: string, value: unknown): void {
    if (value === undefined) values.delete(name);
    else values.set(name, value);
    for (const listener of listeners) listener(name, value);
  }

  /** Nothing is told twice: what we put comes back as well. */
  function learn(name: string, json: string | undefined): void {
    if (underWay.has(name) || JSON.stringify(values.get(name)) === json) return;
    set(name, json === undefined ? undefined : JSON.parse(json));
  }

  async function readOne(name: string): Promise<void> {
    learn(name, (await db.get<Row>(SELECT_ONE, { name }))?.value);
  }

  async function readAll(): Promise<void> {
    const rows = await db.all<Row>(SELECT);
    const known = new Map(rows.map(({ name, value }) => [name, value]));
    for (const name of new Set([...values.keys(), ...known.keys()])) learn(name, known.get(name));
  }

  /** One after the other, so that nothing old comes after what is new. Where the server was away, all is read again a little later. */
  function inOrder(read: () => Promise<void>): void {
    reading = reading.then(read).catch(() => {
      clearTimeout(again);
      if (!closed) again = setTimeout(() => inOrder(readAll), READ_AGAIN_MS).unref();
    });
  }

  async function write(name: string, value: unknown): Promise<void> {
    try {
      if (value === undefined) await db.run(REMOVE, { name });
      else await db.run(WRITE, { name, value: JSON.stringify(value) });
    } finally {
      const others = (underWay.get(name) ?? 1) - 1;
      if (others === 0) underWay.delete(name);
      else underWay.set(name, others);
    }
    // Another process may have been the last, and what it said was not listened to.
    inOrder(() => readOne(name));
  }

  const ends = [session.listen(PUT, (name) => inOrder(() => readOne(name))), session.onBack(() => inOrder(readAll))];
  // On that connection, and so after it listens.
  const rows = await session.transaction((queries) => queries.all<Row>(SELECT));
  for (const { name, value } of rows) learn(name, value);

  return {
    get: (name) => values.get(name),
    put(name, value) {
      set(name, value);
      underWay.set(name, (underWay.get(name) ?? 0) + 1);
      const mine = writing.then(() => write(name, value));
      // Whoever put it is told; what is put next is written all the same.
      writing = mine.catch(() => {});
      return mine;
    },
    async offer(name, value) {
      const mine = writing.then(() => db.run(OFFER, { name, value: JSON.stringify(value) }));
      writing = mine.then(ignore, ignore);
      await mine;
      const found = await db.get<Row>(SELECT_ONE, { name });
      inOrder(() => readOne(name));
      return found && JSON.parse(found.value);
    },
    names: (prefix) => [...values.keys()].filter((name) => name.startsWith(prefix)),
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async close() {
      closed = true;
      clearTimeout(again);
      for (const end of ends) end();
      await writing;
      await reading;
    },
  };
}

const ignore = (): void => {};
