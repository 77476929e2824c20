import type { Logger } from 'pino';
import { layFoundations } from './app/foundations.ts';
import { openIntake } from './app/intake.ts';
import { listenForProbes } from './app/probes.ts';
import { openWeb } from './app/web.ts';
import { openWork } from './app/work.ts';
import type { Config } from './config.ts';
import type { Connect } from './connect.ts';
import type { AccountReader } from './storage/accounts.ts';
import { LANGUAGES } from './web/languages/index.ts';

/** What a process does: everything, or with PostgreSQL one half of it beside others. */
export type Role = 'serve' | 'receive' | 'work';

/** A running Slipstream that does everything. */
export type App = Awaited<ReturnType<typeof openApp>>;

/**
 * Builds everything and starts it. What opens also closes, in reverse, and also when a later step fails.
 *
 * @param now Epoch milliseconds.
 */
export const openApp = (config: Config, log: Logger, now: () => number = Date.now, languages = LANGUAGES) =>
  closing(async (opened) => {
    const foundations = await layFoundations({ config, log, now }, opened);
    let isBusy = () => false;
    const work = await openWork(foundations, () => isBusy(), opened);
    const web = await openWeb(foundations, work.verbs, languages, opened);
    isBusy = web.receiver.isBusy;
    await work.start();
    const url = await web.listen();
    await web.start();
    await work.catchUp();
    const { accounts, items, inbox, photos, status } = foundations;
    const { dispatcher, reconciler, auditor, photoCopier } = work;
    return {
      config,
      url,
      accounts,
      items,
      library: web.library,
      records: web.records,
      inbox,
      receiver: web.receiver,
      intake: web.intake,
      dispatcher,
      reconciler,
      auditor,
      connect: web.connect,
      connectSource: web.connectSource,
      sessionWriter: work.verbs.sessions,
      photos,
      photoCopier,
      status,
      /** Every delivery has become tasks, every reconciliation that was asked for is over, and nothing that is due waits. */
      async settled(): Promise<void> {
        await web.intake.settled();
        await foundations.jobs.settled();
        await reconciler.settled();
        await dispatcher.settled();
      },
      judgeFindings: work.judge,
      close: () => opened.disposeAsync(),
    };
  });

/** What is to be told of a process, whatever it does. */
export interface Running {
  config: Config;
  accounts: Pick<AccountReader, 'list'>;
  /** Undefined where it does not listen. */
  url?: string | undefined;
  /** Where people connect. */
  connect?: Connect;
  close(): Promise<void>;
}

/** A process that is one of several. */
export const openRole = (
  role: Exclude<Role, 'serve'>,
  config: Config,
  log: Logger,
  now: () => number = Date.now,
): Promise<Running> =>
  closing(async (opened) => {
    const foundations = await layFoundations({ config, log, now }, opened);
    const { accounts } = foundations;
    if (role === 'work') {
      const work = await openWork(foundations, () => false, opened);
      await work.start();
      // It receives nothing, and takes what a receiver that is gone has left.
      openIntake(foundations, opened).start();
      await work.catchUp();
      const url = config.portIsSet ? await listenForProbes(foundations, work.verbs, opened) : undefined;
      return { config, accounts, url, close: () => opened.disposeAsync() };
    }
    const verbs = foundations.store.verbs(withoutWorkers);
    const web = await openWeb(foundations, verbs, LANGUAGES, opened);
    const url = await web.listen();
    await web.start();
    return { config, accounts, url, connect: web.connect, close: () => opened.disposeAsync() };
  });

/** With PostgreSQL every process writes for itself. */
const withoutWorkers = (): never => {
  throw new Error('There are no workers in this process.');
};

async function closing<T>(open: (opened: AsyncDisposableStack) => Promise<T>): Promise<T> {
  const opened = new AsyncDisposableStack();
  try {
    return await open(opened);
  } catch (error) {
    await opened.disposeAsync();
    throw error;
  }
}
