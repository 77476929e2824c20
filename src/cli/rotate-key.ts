import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import type { Config } from '../config.ts';
import { everybodyOf } from '../inbox.ts';
import { keyWord, opensKeyWord } from '../same-key.ts';
import { createSeal, newSecret, type Seal, secretKeysIn, Unsealable, writeSecretKeys } from '../seal.ts';
import type { DatabaseName } from '../storage/migrate.ts';
import { whileAlone } from '../storage/postgres/alone.ts';
import type { Database } from '../storage/postgres/database.ts';
import { leaveKeyWord, leftKeyWord } from '../storage/postgres/key-word.ts';
import { resealAll as resealAllInDatabase } from '../storage/postgres/reseal.ts';
import type { Reseal, SealedKind } from '../storage/sealed.ts';
import { lockFolder } from '../storage/sqlite/lock.ts';
import { openForWriting } from '../storage/sqlite/open.ts';
import { resealAll } from '../storage/sqlite/reseal.ts';
import type { AccountRef } from '../vocabulary.ts';
import type { Context, Options } from './context.ts';
import { Failure } from './failure.ts';
import { nothingStored, withStored } from './stored.ts';

const DATABASES: readonly DatabaseName[] = ['mirror', 'inbox'];

interface Rotated {
  /** Where the keys are from. */
  key: 'SECRET_KEY' | 'secret.key';
  /** Sealed anew with the first key. */
  resealed: Record<SealedKind, number>;
  /** The first key had sealed them already. */
  current: number;
  /** None of the keys opens them; they were left as they are. */
  unopenable: number;
}

export function rotateKeyCommand(context: Context): Command {
  return new Command('rotate-key')
    .description('seal everything with a new key: a made one in secret.key, or the first of SECRET_KEY')
    .option('--lost', 'with PostgreSQL, when the former key is gone for good: go on with the present one')
    .action(async ({ json, lost = false }: Options & { lost?: boolean }) => {
      const config = context.config();
      const rotated =
        config.databaseUrl === undefined ? rotate(config) : await rotateInDatabase(config, config.databaseUrl, lost);
      if (json) context.json(rotated);
      else for (const sentence of sentencesOf(rotated, config)) context.say(sentence);
      if (rotated.unopenable > 0) context.failed();
      const derived = (await withStored(config, ({ accounts }) => accounts.list())).some(
        ({ source }) => source === 'pryv',
      );
      if (derived) context.note(NEW_ADDRESSES[rotated.key]);
    });
}

/** The secret in the webhook URL of an account of Pryv is made of the key, and stored nowhere. */
const NEW_ADDRESSES: Record<Rotated['key'], string> = {
  'secret.key':
    'The webhook URLs of Pryv are others now: register them anew, the page Sources shows them. What comes to the former ones is refused; reconciliation finds it.',
  SECRET_KEY:
    'The webhook URLs of Pryv are others now, the page Sources shows them: register them anew before the former key is taken out of SECRET_KEY.',
};

/** @throws FolderInUse while Slipstream runs: it has the former key in hand. */
function rotate({ dataDir, secretKeys }: Config): Rotated {
  if (!DATABASES.every((name) => existsSync(join(dataDir, `${name}.db`)))) {
    throw new Failure(
      `There is no library in DATA_DIR ${dataDir} yet, so nothing is sealed. Set DATA_DIR to where it is.`,
    );
  }
  const unlock = lockFolder(dataDir);
  try {
    return secretKeys ? reseal(dataDir, 'SECRET_KEY', secretKeys) : rotateFile(dataDir);
  } finally {
    unlock();
  }
}

/** The former keys stay in the file until nothing needs them: cut off anywhere in between, it can be run again. */
function rotateFile(dataDir: string): Rotated {
  const [fresh, keys] = addKey(dataDir);
  const rotated = reseal(dataDir, 'secret.key', keys);
  writeSecretKeys(dataDir, [fresh]);
  return rotated;
}

function addKey(dataDir: string): [fresh: string, all: string[]] {
  const fresh = newSecret();
  const keys = [fresh, ...secretKeysIn(dataDir)];
  writeSecretKeys(dataDir, keys);
  return [fresh, keys];
}

function reseal(dataDir: string, key: Rotated['key'], keys: readonly string[]): Rotated {
  const { rotated, anew } = resealing(key, keys);
  for (const name of DATABASES) {
    const db = openForWriting(dataDir, name);
    try {
      resealAll(db, name, anew);
    } finally {
      db.close();
    }
  }
  return rotated;
}

/** @throws AtWork while any process runs, on whatever machine: it has the former key in hand. */
async function rotateInDatabase(config: Config, databaseUrl: string, lost: boolean): Promise<Rotated> {
  const nothing = await nothingStored(config);
  if (nothing !== undefined) throw new Failure(nothing);
  const { dataDir, secretKeys } = config;
  return whileAlone(databaseUrl, async (db) => {
    if (!lost) assertRightKey(config, await leftKeyWord(db));
    if (secretKeys) return resealInDatabase(db, 'SECRET_KEY', secretKeys);
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    const [fresh, keys] = addKey(dataDir);
    const rotated = await resealInDatabase(db, 'secret.key', keys);
    writeSecretKeys(dataDir, [fresh]);
    return rotated;
  });
}

/** What another key sealed would be left as it is, and then nobody could start with that one any more. */
function assertRightKey({ dataDir, secretKeys }: Config, word: string | undefined): void {
  const keys = secretKeys ?? (existsSync(join(dataDir, 'secret.key')) ? secretKeysIn(dataDir) : undefined);
  if (keys && (word === undefined || opensKeyWord(createSeal(keys), word))) return;
  throw new Failure(
    'The key that the database is sealed with is not here, so nothing was changed. Put it after the new one in SECRET_KEY, with a comma between, or run this where its secret.key is. ' +
      'Is it lost for good, then "slipstream rotate-key --lost" goes on with the present one, and every account connects again.',
  );
}

async function resealInDatabase(db: Database, key: Rotated['key'], keys: readonly string[]): Promise<Rotated> {
  const { rotated, anew } = resealing(key, keys);
  for (const name of DATABASES) await resealAllInDatabase(db, name, anew);
  await leaveKeyWord(db, keyWord(createSeal(keys)));
  return rotated;
}

function resealing(key: Rotated['key'], keys: readonly string[]): { rotated: Rotated; anew: Reseal } {
  const seal = createSeal(keys);
  const rotated = { key, resealed: { tokens: 0, privacy_codes: 0, deliveries: 0 }, current: 0, unopenable: 0 };
  const anew: Reseal = (kind, sealed, { source, account }) => {
    const owner = account === null ? everybodyOf(source) : { source, account };
    const found = seal.isCurrent(sealed, owner) ? 'current' : tryOpen(seal, sealed, owner);
    if (typeof found === 'string') {
      rotated[found] += 1;
      return undefined;
    }
    rotated.resealed[kind] += 1;
    return seal.seal(found, owner);
  };
  return { rotated, anew };
}

function tryOpen(seal: Seal, sealed: Buffer, owner: AccountRef): Buffer | 'unopenable' {
  try {
    return seal.openBytes(sealed, owner);
  } catch (error) {
    if (error instanceof Unsealable) return 'unopenable';
    throw error;
  }
}

function sentencesOf({ key, resealed, current, unopenable }: Rotated, { dataDir, secretKeys = [] }: Config): string[] {
  const { tokens, privacy_codes: codes, deliveries } = resealed;
  const sealed = `Sealed anew: ${tokens} tokens, ${codes} privacy codes, ${deliveries} deliveries; ${current} had the new key already.`;
  const lost = `${unopenable} cannot be opened with any of the keys and were left as they are: if a token is among them, its account has to connect again.`;
  return [sealed, ...(unopenable > 0 ? [lost] : []), nextStep(key, dataDir, secretKeys)];
}

function nextStep(key: Rotated['key'], dataDir: string, keys: readonly string[]): string {
  const backups = 'Backups from before need the former key: make a new one.';
  if (key === 'secret.key') return `${join(dataDir, 'secret.key')} has the new key, and no other. ${backups}`;
  if (keys.length > 1) return `The first key of SECRET_KEY opens everything: take the others out of it. ${backups}`;
  return 'SECRET_KEY has one key. To change it, put a new one and a comma before it, and run this again.';
}
