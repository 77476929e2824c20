import { createHash } from 'node:crypto';
import pg from 'pg';
import { asStorageError, isConnectionError, isLostRace, isSpent } from './errors.ts';
import { storableText } from './text.ts';

/** Values by the names that the statement has for them; `undefined` is NULL. Arrays are arrays of PostgreSQL. */
export type Values = Readonly<Record<string, unknown>>;

/** Statements over one database; in a transaction, those of that transaction. Text says `@name` where a value goes. */
export interface Queries {
  all<Row extends object>(sql: string, values?: Values): Promise<Row[]>;
  /** The first row. */
  get<Row extends object>(sql: string, values?: Values): Promise<Row | undefined>;
  /** @returns how many rows it changed. */
  run(sql: string, values?: Values): Promise<number>;
}

export interface Database extends Queries {
  /** One transaction, done again from its beginning where another one was in its way: `work` must bear that. */
  transaction<T>(work: (queries: Queries) => Promise<T>, options?: TransactionOptions): Promise<T>;
  close(): Promise<void>;
}

interface TransactionOptions {
  /**
   * `later`: on the disk together with the next commit that waits for it, whoever makes that. Only for what is done again as long as
   * nobody has made one.
   */
  durable?: 'at once' | 'later';
}

export interface DatabaseOptions {
  /** Connections at most; they are opened when they are needed. */
  most: number;
  /** Milliseconds: who asks would rather have an error than wait longer for a connection or for an answer. Infinity: as long as it takes. */
  patience?: number | undefined;
  /** A commit is on the disk when it is answered, also where the server is set up to answer sooner. */
  durable?: boolean;
}

/** A server that is not there is no reason to wait: whoever asks tries again. */
const CONNECT_MS = 5_000;
/** Longer than anything that is asked for takes. */
const STATEMENT_MS = 60_000;
/** The server says that its time is over before the way to it is believed to be broken. */
const UNHEARD = 1.1;
/** A process that was stopped, or whose machine vanished, in the middle of a transaction holds up whoever wants the same rows no longer. */
const IN_TRANSACTION_MS = 60_000;
const IDLE_MS = 30_000;
/** Deadlocks and lost races, each of which another transaction won. */
const MOST_TRIES = 5;

/** @throws what `asStorageError` makes of a server that is away or refuses, at every call; never when it is opened. */
export function openDatabase(url: string, { most, patience, durable = false }: DatabaseOptions): Database {
  const pool = openPool(url, { most, patience, durable });
  let ended: Promise<void> | undefined;

  async function connected<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    let client: pg.PoolClient | undefined;
    let broken: unknown;
    try {
      client = await pool.connect();
      // Between two statements of a transaction nobody else listens.
      client.on('error', ignore);
      return await work(client);
    } catch (error) {
      broken = error;
      throw asStorageError(error);
    } finally {
      client?.off('error', ignore);
      // What went wrong in `work` itself has been rolled back, and the connection is as good as before.
      client?.release(isSpent(broken));
    }
  }

  async function transaction<T>(
    work: (queries: Queries) => Promise<T>,
    { durable = 'at once' }: TransactionOptions = {},
  ): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await connected((client) => inTransaction(client, work, BEGIN[durable]));
      } catch (error) {
        if (tries >= MOST_TRIES || !isLostRace(error)) throw error;
      }
    }
  }

  return {
    ...queriesOver((query) => connected((client) => client.query(query))),
    transaction,
    close() {
      ended ??= pool.end();
      return ended;
    },
  };
}

function openPool(url: string, { most, patience, durable = false }: DatabaseOptions): pg.Pool {
  const pool = new pg.Pool({
    ...connectionTo(url, patience),
    max: most,
    idleTimeoutMillis: IDLE_MS,
    onConnect: async (client) => {
      await client.query(settingsFor(patience));
      if (durable) await makeDurable(client);
    },
  });
  // A connection that breaks while nobody uses it: the next one is a new one.
  pool.on('error', ignore);
  return pool;
}

/** How every connection is made. After `patience` milliseconds without an answer it is given up. */
export const connectionTo = (url: string, patience = STATEMENT_MS, name = 'slipstream'): pg.ClientConfig => ({
  connectionString: url,
  connectionTimeoutMillis: Math.min(patience, CONNECT_MS),
  ...(Number.isFinite(patience) && { query_timeout: patience * UNHEARD }),
  keepAlive: true,
  types,
  application_name: name,
});

/**
 * What every connection begins with, whatever the server, the database or the role have been set to. Statements here are written for READ
 * COMMITTED: who waited for a lock sees what was done under it. Not in the first message of a connection, of which a pooler takes little.
 */
export const settingsFor = (patience = STATEMENT_MS): string => `
  SET default_transaction_isolation = 'read committed';
  SET statement_timeout = ${Number.isFinite(patience) ? patience : 0};
  SET lock_timeout = 0;
  SET idle_in_transaction_session_timeout = ${Number.isFinite(patience) ? IN_TRANSACTION_MS : 0}`;

/** For a connection that has to stay also while nothing is asked over it. */
export const STAYING = 'SET idle_session_timeout = 0';

const BEGIN = { 'at once': 'BEGIN', later: 'BEGIN; SET LOCAL synchronous_commit = off' };

export async function inTransaction<T>(
  client: pg.ClientBase,
  work: (queries: Queries) => Promise<T>,
  begin = BEGIN['at once'],
): Promise<T> {
  await client.query(begin);
  try {
    const value = await work(queriesOn(client));
    await client.query('COMMIT');
    return value;
  } catch (error) {
    // Where the connection is gone the server has done so itself.
    if (!isConnectionError(error)) await client.query('ROLLBACK').catch(ignore);
    throw error;
  }
}

/** The statements of one connection. */
export const queriesOn = (client: pg.ClientBase): Queries => queriesOver((query) => client.query(query));

function queriesOver(ask: (query: pg.QueryConfig) => Promise<pg.QueryResult>): Queries {
  const all = async <Row extends object>(sql: string, values?: Values): Promise<Row[]> =>
    (await ask(queryOf(sql, values))).rows;
  return {
    all,
    get: async <Row extends object>(sql: string, values?: Values) => (await all<Row>(sql, values))[0],
    run: async (sql, values) => (await ask(queryOf(sql, values))).rowCount ?? 0,
  };
}

interface Prepared {
  /** Planned once a connection, and kept there; without a name it is planned each time. */
  name?: string;
  text: string;
  names: string[];
}

const prepared = new Map<string, Prepared>();
/** Twice as many as are written out. A library's filters come in more combinations than each connection should keep plans of. */
export const MOST_PREPARED = 600;

function queryOf(sql: string, values: Values = {}): pg.QueryConfig {
  const { names, ...query } = prepared.get(sql) ?? prepare(sql);
  return {
    ...query,
    values: names.map((each) => {
      if (!(each in values)) throw new Error(`The statement needs @${each}: ${sql}`);
      return storable(values[each]);
    }),
  };
}

function prepare(sql: string): Prepared {
  const names: string[] = [];
  const text = sql.replaceAll(/(?<![@\w])@(\w+)/g, (_, name: string) => {
    if (!names.includes(name)) names.push(name);
    return `$${names.indexOf(name) + 1}`;
  });
  if (prepared.size >= MOST_PREPARED) return { text, names };
  const one = { name: createHash('sha256').update(text).digest('base64url').slice(0, 32), text, names };
  prepared.set(sql, one);
  return one;
}

function storable(value: unknown): unknown {
  if (typeof value === 'string') return storableText(value);
  if (value instanceof Uint8Array && !Buffer.isBuffer(value)) return Buffer.from(value);
  return Array.isArray(value) ? value.map(storable) : value;
}

const INT8 = 20;
const NUMERIC = 1700;

/** Ids, instants and sizes stay below 2^53. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) => (oid === INT8 || oid === NUMERIC ? Number : pg.types.getTypeParser(oid, format)),
};

async function makeDurable(client: pg.ClientBase): Promise<void> {
  await client.query(
    "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
  );
}

const ignore = (): void => {};
