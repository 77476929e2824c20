import { mkdirSync } from 'node:fs';
import type { Logger } from 'pino';
import { createBreaker } from '../breaker.ts';
import type { Config } from '../config.ts';
import { createHealth } from '../http/health.ts';
import { sealDeliveries } from '../inbox.ts';
import { createJobs } from '../jobs/in-process.ts';
import { reconciliationTrouble } from '../reconcile.ts';
import { assertSameKey } from '../same-key.ts';
import { createSeal, secretKeysIn } from '../seal.ts';
import { silenceTrouble } from '../silence.ts';
import { createSources } from '../sources/index.ts';
import { openStore } from '../storage/open.ts';
import type { AccountRef } from '../vocabulary.ts';

export interface Given {
  config: Config;
  log: Logger;
  /** Epoch milliseconds. */
  now: () => number;
}

/** What every process needs, whatever it does. */
export type Foundations = Awaited<ReturnType<typeof layFoundations>>;

/** @param opened Closes it all, in reverse. */
export async function layFoundations({ config, log, now }: Given, opened: AsyncDisposableStack) {
  const onError = (error: unknown) => log.error({ err: error }, 'something failed');
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  const store = opened.adopt(await openStore(config), (each) => each.close());
  const secretKeys = config.secretKeys ?? secretKeysIn(config.dataDir);
  const seal = createSeal(secretKeys);
  // Nobody catches it: it goes to the log, and the process ends.
  await assertSameKey(store.board, seal, (error) =>
    setImmediate(() => {
      throw error;
    }),
  );
  const sources = createSources(config, seal);
  for (const each of sources.values()) opened.defer(() => each.close());
  const { board, locks, signals, mirror } = store;
  const { accounts, items, records, photos } = mirror;
  const inbox = sealDeliveries(store.inbox, { sources, seal, onError });
  const breaker = createBreaker({ board, now, random: Math.random, onError });
  const jobs = opened.adopt(
    config.databaseUrl === undefined
      ? createJobs({ now, onError })
      : // Loaded only where it is used, as the storage is.
        await (await import('../jobs/graphile.ts')).openJobs({ url: config.databaseUrl, locks, onError }),
    (each) => each.close(),
  );
  const status = {
    inbox,
    items,
    now,
    trouble: (ref: AccountRef) => reconciliationTrouble(board, ref) ?? silenceTrouble(board, ref),
  };
  const health = createHealth({ status, accounts, records, photos, trouble });

  /** What keeps Slipstream from doing its work, as a sentence. */
  async function trouble(): Promise<string | undefined> {
    try {
      await accounts.byId(0);
      await inbox.probe();
      return undefined;
    } catch (error) {
      onError(error);
      const where = config.databaseUrl === undefined ? 'The data folder' : 'The database';
      return `${where} cannot be written to or read: deliveries are refused with 503 until it can. The log says why.`;
    }
  }

  return {
    config,
    log,
    now,
    onError,
    store,
    secretKeys,
    seal,
    sources,
    inbox,
    ...mirror,
    board,
    locks,
    signals,
    breaker,
    jobs,
    status,
    health,
  };
}
