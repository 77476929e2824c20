import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../config.ts';
import { opensKeyWord } from '../../same-key.ts';
import { BrokenKeyFile, createSeal, secretKeysIn } from '../../seal.ts';
import { lookAt, type ServerFacts } from '../../storage/postgres/look.ts';
import { newestVersion } from '../../storage/postgres/version.ts';
import { databaseName } from '../database-name.ts';
import { explain } from '../failure.ts';
import { failed, ok, type Verdict, warning } from './verdict.ts';

/** Functions whose bodies are SQL came with it. */
const OLDEST = 14;
/** Another process beside those that are there. */
const SPARE_CONNECTIONS = 15;

/** The server that everything is in: whether it answers, keeps what it says it keeps, and has what we need of it. */
export async function postgres(config: Config, url: string): Promise<Verdict[]> {
  let facts: ServerFacts;
  try {
    facts = await lookAt(url);
  } catch (error) {
    return [failed('PostgreSQL', `${databaseName(url)} cannot be used. ${explain(error, undefined)}`)];
  }
  return [
    server(facts, url),
    ...encoding(facts),
    tables(facts),
    ...jobs(facts),
    durable(facts),
    ...connection(facts),
    connections(facts),
    ...sameKey(facts, config),
  ];
}

function server({ server: version, major, processes }: ServerFacts, url: string): Verdict {
  if (major >= OLDEST) {
    const at = processes === 0 ? 'no process is' : processes === 1 ? 'one process is' : `${processes} processes are`;
    return ok('PostgreSQL', `${databaseName(url)} answers. It is PostgreSQL ${version}; ${at} at work on it.`);
  }
  return failed(
    'PostgreSQL',
    `${databaseName(url)} is PostgreSQL ${version}, and Slipstream needs ${OLDEST} or later. Use a newer server.`,
  );
}

function encoding({ encoding: name }: ServerFacts): Verdict[] {
  if (name === 'UTF8') return [];
  return [
    failed(
      'encoding',
      `The database has the encoding ${name}, in which not every name can be stored. Make one with ENCODING 'UTF8' TEMPLATE template0, and move to it.`,
    ),
  ];
}

function tables({ version }: ServerFacts): Verdict {
  const check = 'tables';
  const newest = newestVersion();
  if (version === newest) return ok(check, `They are there (version ${version}).`);
  if (version === 0) return ok(check, 'They do not exist yet; the first process makes them at its start.');
  if (version < newest) {
    return warning(
      check,
      `They have version ${version}, and this program knows ${newest}. The next start brings them up, or "slipstream migrate" now; until then commands that read them say the same.`,
    );
  }
  return failed(
    check,
    `They have version ${version}, and this program knows ${newest}: a newer Slipstream has written them. Use that one, here too.`,
  );
}

function jobs({ version, jobs: isThere }: ServerFacts): Verdict[] {
  if (version === 0) return [];
  if (isThere) return [ok('jobs', 'The tables of graphile-worker are there.')];
  return [ok('jobs', 'The tables of graphile-worker do not exist yet; the first process makes them at its start.')];
}

const MEANINGS: Record<keyof ServerFacts['settings'], string> = {
  fsync:
    'the server never waits for its disk, so after a power cut acknowledged webhooks are gone, and perhaps the whole database',
  full_page_writes: 'a power cut in the middle of a write may leave the database damaged',
  synchronous_commit: 'the server answers before it has written, so a power cut takes acknowledged webhooks away',
};

/** Acknowledged means durable. */
function durable({ settings }: ServerFacts): Verdict {
  const check = 'durability';
  const off = Object.entries(MEANINGS).filter(([name]) => settings[name as keyof typeof settings] === 'off');
  if (off.length === 0) return ok(check, 'A commit that is answered is on the disk of the server.');
  const sentences = off.map(([name, meaning]) => `${name} is off: ${meaning}.`);
  return failed(check, `${sentences.join(' ')} Set it to on in postgresql.conf, and for the role and the database.`);
}

function connection({ pooled }: ServerFacts): Verdict[] {
  if (!pooled) return [];
  return [
    failed(
      'connection',
      'DATABASE_URL leads through a pooler that hands out connections by the transaction, such as PgBouncer with pool_mode=transaction. There locks of keys and notifications are lost without an error. Use its session mode, or connect to PostgreSQL directly.',
    ),
  ];
}

function connections({ connections: { open, most } }: ServerFacts): Verdict {
  const check = 'connections';
  const said = `${open} of ${most} connections are open`;
  if (most - open >= SPARE_CONNECTIONS) return ok(check, `${said}.`);
  return warning(
    check,
    `${said}: another process would not get its own (about 10 for each receive, 12 for each work). Raise max_connections of PostgreSQL, or stop what else is connected.`,
  );
}

/** What one process sealed, every other one opens. */
function sameKey({ keyWord }: ServerFacts, { secretKeys, dataDir }: Config): Verdict[] {
  const check = 'same key';
  if (keyWord === undefined) return [];
  const keys = secretKeys ?? keysOf(dataDir);
  if (keys && opensKeyWord(createSeal(keys), keyWord))
    return [ok(check, 'It is the key that the tokens in the database are sealed with.')];
  return [
    failed(
      check,
      `The key here does not open what is in the database, so no process starts with it. ${
        keys
          ? 'Set SECRET_KEY to what the other processes have.'
          : `Set SECRET_KEY to what the other processes have, or put their secret.key into ${dataDir}.`
      }`,
    ),
  ];
}

/** Looking makes none; about a broken file another check has the say. */
function keysOf(dataDir: string): string[] | undefined {
  try {
    return existsSync(join(dataDir, 'secret.key')) ? secretKeysIn(dataDir) : undefined;
  } catch (error) {
    if (error instanceof BrokenKeyFile) return undefined;
    throw error;
  }
}
