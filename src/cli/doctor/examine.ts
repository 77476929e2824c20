import { type Config, missingCredentials, WrongConfig } from '../../config.ts';
import type { Context } from '../context.ts';
import { explain } from '../failure.ts';
import { accounts } from './accounts.ts';
import { dataFolder, socketFolder } from './data-folder.ts';
import { databases, secretKey } from './databases.ts';
import { map } from './map.ts';
import { photos, photosInDatabase } from './photos.ts';
import { postgres } from './postgres.ts';
import { clientBuilt, nodeVersion } from './program.ts';
import { provider } from './provider.ts';
import { publicAddress } from './public-address.ts';
import { failed, ok, type Verdict } from './verdict.ts';

type Check = (config: Config) => Verdict | Verdict[] | Promise<Verdict | Verdict[]>;

/** In the order in which a person would look. */
const checksFor = ({ databaseUrl }: Config): readonly Check[] => [
  credentials,
  clientBuilt,
  map,
  ...(databaseUrl === undefined ? IN_FILES : inPostgres(databaseUrl)),
  provider,
  accounts,
  publicAddress,
];

const IN_FILES: readonly Check[] = [dataFolder, databases, photos, secretKey];
const inPostgres = (url: string): readonly Check[] => [
  socketFolder,
  (config) => postgres(config, url),
  photosInDatabase,
  secretKey,
];

/** One after the other, as each is found. */
export async function* examine(context: Context): AsyncGenerator<Verdict> {
  yield nodeVersion();
  const config = configOf(context);
  if (config instanceof WrongConfig) {
    for (const problem of config.problems)
      yield failed('configuration', `${problem}. Correct it in .env; the rest was not checked.`);
    return;
  }
  for (const check of checksFor(config)) {
    try {
      yield* [await check(config)].flat();
    } catch (error) {
      // A check that breaks is a finding; those after it may still say why.
      yield failed('doctor', `A check could not be made: ${explain(error, undefined)}`);
    }
  }
}

function configOf(context: Context): Config | WrongConfig {
  try {
    return context.config();
  } catch (error) {
    if (error instanceof WrongConfig) return error;
    throw error;
  }
}

function credentials(config: Config): Verdict {
  const missing = missingCredentials(config);
  if (missing.length === 0) return ok('configuration', 'It can be read, and has credentials.');
  return failed(
    'configuration',
    `${missing.join(' ')} They come from Ride With GPS → Settings → Developers → API client and belong in .env. To look around without any: npm run demo`,
  );
}
