import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import type { Config } from '../config.ts';
import { everybodyOf } from '../inbox.ts';
import { createSeal, newSecret, type Seal, secretKeysIn, Unsealable, writeSecretKeys } from '../seal.ts';
import type { DatabaseName } from '../storage/migrate.ts';
import type { Reseal, SealedKind } from '../storage/sealed.ts';
import { lockFolder } from '../storage/sqlite/lock.ts';
import { openForWriting } from '../storage/sqlite/open.ts';
import { resealAll } from '../storage/sqlite/reseal.ts';
import type { AccountRef } from '../vocabulary.ts';
import type { Context, Options } from './context.ts';
import { Failure } from './failure.ts';
import { withStored } from './stored.ts';

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
    .action(async ({ json }: Options) => {
      const config = context.config();
      const rotated = rotate(config);
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
  const fresh = newSecret();
  const keys = [fresh, ...secretKeysIn(dataDir)];
  writeSecretKeys(dataDir, keys);
  const rotated = reseal(dataDir, 'secret.key', keys);
  writeSecretKeys(dataDir, [fresh]);
  return rotated;
}

function reseal(dataDir: string, key: Rotated['key'], keys: readonly string[]): Rotated {
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
