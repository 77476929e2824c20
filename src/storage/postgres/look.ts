import { countProcesses } from './alone.ts';
import { openDatabase, type Queries } from './database.ts';
import { leftKeyWord } from './key-word.ts';
import { versionIn } from './version.ts';

/** What decides whether the promises hold there. */
const SETTINGS = ['fsync', 'full_page_writes', 'synchronous_commit'] as const;

/** What there is to know of a server and of the database in it. */
export interface ServerFacts {
  /** `14.23`. */
  server: string;
  major: number;
  encoding: string;
  /** Of our tables; 0: there are none. */
  version: number;
  settings: Record<(typeof SETTINGS)[number], string>;
  /** Of all databases of the server; `most` are there for ordinary users. */
  connections: { open: number; most: number };
  /** Processes of Slipstream that are at work. */
  processes: number;
  /** Two who ask at the same time are not sure to keep their own connection: something in between hands them out by the transaction. */
  pooled: boolean;
  /** The tables of graphile-worker. */
  jobs: boolean;
  /** What `same-key.ts` left. */
  keyWord: string | undefined;
}

/** Looks, and changes nothing. @throws a storage error when the server is away or refuses. */
export async function lookAt(url: string): Promise<ServerFacts> {
  const one = openDatabase(url, { most: 1 });
  const other = openDatabase(url, { most: 1 });
  try {
    const version = await versionIn(one);
    return {
      ...(await serverOf(one)),
      version,
      settings: await settingsOf(one),
      connections: await connectionsOf(one),
      processes: await countProcesses(one),
      pooled: await shareConnections(one, other),
      jobs: await isThere(one, 'graphile_worker.migrations'),
      keyWord: (await isThere(one, 'board')) ? await leftKeyWord(one) : undefined,
    };
  } finally {
    await one.close();
    await other.close();
  }
}

async function serverOf(queries: Queries): Promise<Pick<ServerFacts, 'server' | 'major' | 'encoding'>> {
  const row = await queries.get<{ server: string; number: number; encoding: string }>(
    `SELECT split_part(current_setting('server_version'), ' ', 1) AS server,
      current_setting('server_version_num')::integer AS number, current_setting('server_encoding') AS encoding`,
  );
  return {
    server: row?.server ?? '',
    major: Math.floor((row?.number ?? 0) / 10_000),
    encoding: row?.encoding ?? '',
  };
}

async function settingsOf(queries: Queries): Promise<ServerFacts['settings']> {
  const rows = await queries.all<{ name: string; value: string }>(
    'SELECT name, current_setting(name) AS value FROM unnest(@names::text[]) AS name',
    { names: [...SETTINGS] },
  );
  const value = (name: string) => rows.find((row) => row.name === name)?.value ?? '';
  const [fsync, pages, commit] = SETTINGS.map(value);
  return { fsync: fsync ?? '', full_page_writes: pages ?? '', synchronous_commit: commit ?? '' };
}

async function connectionsOf(queries: Queries): Promise<ServerFacts['connections']> {
  const row = await queries.get<ServerFacts['connections']>(
    `SELECT (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS open,
      current_setting('max_connections')::integer - current_setting('superuser_reserved_connections')::integer AS most`,
  );
  return row ?? { open: 0, most: 0 };
}

/** While `other` is within a transaction: a pooler that hands out connections by the transaction gives `one` what is free just then. */
export async function shareConnections(
  one: Queries,
  other: { transaction<T>(work: (queries: Queries) => Promise<T>): Promise<T> },
): Promise<boolean> {
  const before = await connectionOf(one);
  const [theirs, after] = await other.transaction(async (queries) => [
    await connectionOf(queries),
    await connectionOf(one),
  ]);
  return theirs === before || after !== before;
}

async function connectionOf(queries: Queries): Promise<number | undefined> {
  return (await queries.get<{ pid: number }>('SELECT pg_backend_pid() AS pid'))?.pid;
}

async function isThere(queries: Queries, table: string): Promise<boolean> {
  return (await queries.get<{ is: boolean }>('SELECT to_regclass(@table) IS NOT NULL AS is', { table }))?.is === true;
}
