import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Cron } from 'croner';
import type { Logger } from 'pino';
import { createAuditor } from './audit.ts';
import { createBreaker } from './breaker.ts';
import type { Config } from './config.ts';
import { createConnect } from './connect.ts';
import { createDispatcher } from './dispatch.ts';
import { judgeFindings } from './drift.ts';
import { createAuth } from './http/auth.ts';
import { createEvents } from './http/events.ts';
import { createHealth } from './http/health.ts';
import { createServer } from './http/server.ts';
import { createIntake } from './inbox.ts';
import { createPool } from './pool.ts';
import { createReceiver } from './receive.ts';
import { createReconciler } from './reconcile.ts';
import { createSeal, secretKeyIn } from './seal.ts';
import { createSources } from './sources/index.ts';
import type { AccountWriter } from './storage/accounts.ts';
import type { Items } from './storage/items.ts';
import type { SessionWriter } from './storage/sessions.ts';
import { openInbox } from './storage/sqlite/inbox.ts';
import { emptyMirrorLog, openMirrorForReading, prepareMirror } from './storage/sqlite/mirror.ts';
import { remote } from './storage/sqlite/remote.ts';
import type { AccountRef } from './vocabulary.ts';
import { readAssets } from './web/assets.ts';

/** What was received is kept this long, as evidence. */
const DELIVERIES_KEPT_MS = 14 * 86_400_000;
const PRUNED_AT_ONCE = 500;
/** SIGTERM: what runs is given this long. */
const STOP_MS = 8_000;

/** A running Slipstream. */
export type App = Awaited<ReturnType<typeof openApp>>;

/**
 * Builds everything and starts it; what opens also closes, in reverse.
 *
 * @param now Epoch milliseconds.
 */
export async function openApp(config: Config, log: Logger, now: () => number = Date.now) {
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  const secretKeys = config.secretKeys ?? [secretKeyIn(config.dataDir)];
  const seal = createSeal(secretKeys);
  const sources = createSources(config);
  const onError = (error: unknown) => log.error({ err: error }, 'something failed');

  prepareMirror(config.dataDir);
  const mirror = openMirrorForReading(config.dataDir);
  const inbox = openInbox(config.dataDir);
  const pool = createPool(config, secretKeys, now);
  const accountWriter = remote<AccountWriter>((method, args) => pool.call('accounts', method, args));
  const sessionWriter = remote<SessionWriter>((method, args) => pool.call('sessions', method, args));
  const itemVerbs = remote<Pick<Items, 'confirmHeld' | 'releaseHeld'>>((method, args) =>
    pool.call('items', method, args),
  );

  await inbox.recover();
  await inbox.raiseSequence(await mirror.items.greatestSeq());

  const { accounts, items, library, sessions } = mirror;
  const status = { inbox, items, now };
  const events = createEvents();
  const breaker = createBreaker(now, Math.random);
  const health = createHealth({ status, accounts, trouble });
  const dispatcher = createDispatcher({
    inbox,
    pool,
    accounts: accountWriter,
    breaker,
    perAccount: config.fetchConcurrency,
    now,
    random: Math.random,
    isBusy: () => receiver.isBusy(),
    onSettled: ({ key }, outcome) => {
      health.countFetch(key.source, outcome);
      events.changed(key.account);
    },
    onError,
  });
  const onEnqueued = ({ account }: AccountRef) => {
    dispatcher.wake();
    events.changed(account);
  };
  const reconciler = createReconciler({
    inbox,
    pool,
    accounts,
    writer: accountWriter,
    breaker,
    now,
    onEnqueued,
    onError,
  });
  const auditor = createAuditor({ inbox, pool, accounts, writer: accountWriter, now, onEnqueued, onError });
  const intake = createIntake({ inbox, sources, seal, onTaken, onError });
  const receiver = createReceiver({ inbox, now, onKept: intake.offer, onError });
  const source = sources.get('ridewithgps');
  if (!source) throw new Error('Ride With GPS is not among the sources.');
  const connect = createConnect({
    config,
    source,
    seal,
    accounts,
    writer: accountWriter,
    inbox,
    reconciler,
    auditor,
    now,
    onError,
  });

  function onTaken(refs: AccountRef[]): void {
    dispatcher.wake();
    for (const ref of new Map(refs.map((each) => [each.account, each])).values()) {
      events.changed(ref.account);
      if (config.reconcileCron) reconciler.soon(ref);
    }
  }

  /** What keeps Slipstream from doing its work, as a sentence. */
  async function trouble(): Promise<string | undefined> {
    try {
      await accounts.list();
      // A commit that changes nothing: the disk takes what is written.
      await inbox.raiseSequence(0);
      return undefined;
    } catch (error) {
      onError(error);
      return 'The data folder cannot be written to or read: deliveries are refused with 503 until it can. The log says why.';
    }
  }

  const controlled = new WeakSet<IncomingMessage>();
  const auth = createAuth({
    accounts,
    sessions,
    sessionWriter,
    publicUrl: config.publicUrl,
    isControl: (request) => controlled.has(request),
    now,
  });
  const handle = createServer({
    config,
    publicUrl: config.publicUrl,
    assets: readAssets(),
    auth,
    health,
    sources,
    receiver,
    count: health.countWebhook,
    inbox,
    intake,
    accounts,
    items,
    itemVerbs,
    library,
    sessions,
    sessionWriter,
    pool,
    status,
    events,
    connect,
    reconciler,
    auditor,
    dispatcher,
    now,
    onError,
  });

  const web = serverFor((request, response) => handle(request, response));
  const control = serverFor((request, response) => {
    controlled.add(request);
    handle(request, response);
  });
  const socket = join(config.dataDir, 'control.sock');
  rmSync(socket, { force: true });
  await listen(control, socket);
  chmodSync(socket, 0o600);
  await listen(web, config.port, config.host);

  intake.start();
  dispatcher.wake();
  const crons = [
    ...(config.reconcileCron ? [schedule(config.reconcileCron, reconciler.all)] : []),
    ...(config.auditCron ? [schedule(config.auditCron, auditor.all)] : []),
    schedule('* * * * *', judge),
    schedule('17 * * * *', () => inbox.prune(now() - DELIVERIES_KEPT_MS, PRUNED_AT_ONCE)),
  ];
  if (config.ridewithgps.authToken) {
    // Until the provider has said whose token it is, it is asked again each minute.
    const ask = schedule('* * * * *', async () => {
      if (await connect.useAuthToken()) ask.stop();
    });
    crons.push(ask);
    void ask.trigger();
  }
  if (config.reconcileCron) void reconciler.all().catch(onError);

  /** @returns how many changes were drift. */
  async function judge(): Promise<number> {
    const verdicts = await judgeFindings({ inbox, accounts, items, now });
    for (const { finding } of verdicts) events.changed(finding.key.account);
    return verdicts.filter(({ announced }) => !announced).length;
  }

  function schedule(pattern: string, work: () => Promise<unknown>): Cron {
    // One at a time: a run that takes longer than its interval is not joined by another.
    return new Cron(pattern, { timezone: 'UTC', protect: true, catch: onError }, async () => void (await work()));
  }

  return {
    config,
    /** Where it listens: the port is known only now when the configured one is 0. */
    url: addressOf(web, config.host),
    accounts,
    items,
    library,
    inbox,
    intake,
    dispatcher,
    reconciler,
    auditor,
    connect,
    sessionWriter,
    status,
    /** Every delivery has become tasks, every reconciliation that was asked for is over, and nothing that is due waits. */
    async settled(): Promise<void> {
      await intake.settled();
      await reconciler.settled();
      await dispatcher.settled();
    },
    judgeFindings: judge,
    async close(): Promise<void> {
      for (const cron of crons) cron.stop();
      await Promise.all([stopListening(web), stopListening(control)]);
      await intake.close();
      await Promise.race([
        Promise.all([reconciler.close(), auditor.close()]),
        new Promise((done) => setTimeout(done, STOP_MS).unref()),
      ]);
      await dispatcher.stop(STOP_MS);
      await pool.close();
      inbox.close();
      mirror.close();
      emptyMirrorLog(config.dataDir);
      await Promise.all([...sources.values()].map((each) => each.close()));
    },
  };
}

function serverFor(handler: (request: IncomingMessage, response: import('node:http').ServerResponse) => void): Server {
  const server = createHttpServer(handler);
  // Whoever is slower than this with headers or body is not a provider.
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  return server;
}

function listen(server: Server, ...where: [number, string] | [string]): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(...(where as [number, string]), () => resolve());
  });
}

/** Takes no new connection, answers what was read, then closes what is only kept open. */
function stopListening(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), 1_000).unref();
  });
}

function addressOf(server: Server, host: string): string {
  const address = server.address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
}
