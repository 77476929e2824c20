import { mkdirSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { Cron } from 'croner';
import type { Logger } from 'pino';
import { createAuditor } from './audit.ts';
import { createBreaker } from './breaker.ts';
import type { Config } from './config.ts';
import { createConnect } from './connect.ts';
import { createConnectSource } from './connect-source.ts';
import { createDispatcher } from './dispatch.ts';
import { judgeFindings } from './drift.ts';
import { openGrounds } from './ground/grounds.ts';
import { createAuth } from './http/auth.ts';
import { createEvents } from './http/events.ts';
import { createHealth } from './http/health.ts';
import { listenOnPort, listenOnSocket } from './http/listen.ts';
import { createSpeech } from './http/pages/language.ts';
import { createServer } from './http/server.ts';
import { createIntake, sealDeliveries } from './inbox.ts';
import { createPhotoCopier } from './photos.ts';
import { createPool } from './pool.ts';
import { createReaders } from './readers.ts';
import { createReceiver } from './receive.ts';
import { createReconciler } from './reconcile.ts';
import { createSeal, secretKeysIn } from './seal.ts';
import { createSilence } from './silence.ts';
import { createSources } from './sources/index.ts';
import type { Source } from './sources/source.ts';
import type { AccountWriter } from './storage/accounts.ts';
import type { Items } from './storage/items.ts';
import type { Library } from './storage/library.ts';
import type { Lines } from './storage/lines.ts';
import { createBoard } from './storage/memory/board.ts';
import { createLocks } from './storage/memory/locks.ts';
import { createSignals } from './storage/memory/signals.ts';
import { openInbox, openMirrorForReading } from './storage/open.ts';
import type { PhotoVerbs } from './storage/photos.ts';
import type { Records } from './storage/records.ts';
import type { RunWriter, StartedBy } from './storage/runs.ts';
import type { SessionWriter } from './storage/sessions.ts';
import { createFlush } from './storage/sqlite/flush.ts';
import { lockFolder } from './storage/sqlite/lock.ts';
import { emptyMirrorLog, prepareMirror } from './storage/sqlite/mirror.ts';
import { remote } from './storage/sqlite/remote.ts';
import { assertNotHalfRestored } from './storage/sqlite/restore.ts';
import { createTokens } from './tokens.ts';
import { type AccountRef, RIDERS, SOURCE_TITLES, type SourceName } from './vocabulary.ts';
import { readAssets } from './web/assets.ts';
import { LANGUAGES } from './web/languages/index.ts';

/** What was received is kept this long, as evidence. */
const DELIVERIES_KEPT_MS = 14 * 86_400_000;
/** Webhook health is told for thirty days. */
const FINDINGS_KEPT_MS = 31 * 86_400_000;
const PRUNED_AT_ONCE = 500;
/** Told to stop: what runs is given this long. */
const STOP_MS = 4_000;

/** A running Slipstream. */
export type App = Awaited<ReturnType<typeof openApp>>;

/**
 * Builds everything and starts it. What opens also closes, in reverse, and also when a later step fails.
 *
 * @param now Epoch milliseconds.
 */
export async function openApp(config: Config, log: Logger, now: () => number = Date.now, languages = LANGUAGES) {
  const opened = new AsyncDisposableStack();
  try {
    return await open(config, log, now, languages, opened);
  } catch (error) {
    await opened.disposeAsync();
    throw error;
  }
}

async function open(
  config: Config,
  log: Logger,
  now: () => number,
  languages: typeof LANGUAGES,
  opened: AsyncDisposableStack,
) {
  const onError = (error: unknown) => log.error({ err: error }, 'something failed');
  const assets = readAssets();
  const grounds = await openGrounds({ ...config, now, warn: (sentence) => log.warn(sentence) });
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  const unlock = lockFolder(config.dataDir);
  opened.defer(unlock);
  assertNotHalfRestored(config.dataDir);
  const secretKeys = config.secretKeys ?? secretKeysIn(config.dataDir);
  const seal = createSeal(secretKeys);
  const sources = createSources(config, seal);
  for (const each of sources.values()) opened.defer(() => each.close());

  // What several processes would share, for one.
  const board = createBoard();
  const locks = createLocks();
  const signals = createSignals();

  // Storage: the main thread writes the inbox and reads the mirror, which workers write.
  prepareMirror(config.dataDir);
  opened.defer(() => emptyMirrorLog(config.dataDir));
  const mirror = opened.adopt(await openMirrorForReading(config), (each) => each.close());
  const secrets = { sources, seal, onError };
  const inbox = opened.adopt(sealDeliveries(await openInbox(config), secrets), (each) => each.close());
  const flush = opened.adopt(createFlush(config.dataDir), (each) => each.close());
  const pool = opened.adopt(createPool({ config, secretKeys, now, flush }), (each) => each.close());
  const accountWriter = remote<AccountWriter>((method, args) => pool.call('accounts', method, args));
  const runWriter = remote<RunWriter>((method, args) => pool.call('runs', method, args));
  const sessionWriter = remote<SessionWriter>((method, args) => pool.call('sessions', method, args));
  const itemVerbs = remote<Pick<Items, 'confirmHeld' | 'confirmKept' | 'keepHeld'>>((method, args) =>
    pool.call('items', method, args),
  );
  const readers = opened.adopt(createReaders(config), (each) => each.close());
  const { accounts, items, photos, pictures, runs, sessions } = mirror;
  const library = remote<Library>((method, args) => readers.call('library', method, args));
  const records = remote<Records>((method, args) => readers.call('records', method, args));
  const lines = remote<Lines>((method, args) => readers.call('lines', method, args));
  const photoVerbs = remote<PhotoVerbs>((method, args) => pool.call('photos', method, args));
  await inbox.recover();
  // An inbox that knows less of the fetches than the mirror was lost, or is an old one: what waited in it has to be found again.
  const applied = await items.greatestSeq();
  if ((await inbox.sequence()) < applied) {
    log.warn(
      'inbox.db was lost or is older than mirror.db: every library is listed again, and what is missing is fetched',
    );
    for (const { source, user_id: account } of await accounts.list()) await accountWriter.rewind({ source, account });
  }
  // Only now: who is killed in between finds out again.
  await inbox.raiseSequence(applied);

  // The path of an event.
  const events = opened.adopt(createEvents(signals), (each) => each.close());
  const breaker = createBreaker({ board, now, random: Math.random, onError });
  const tokens = createTokens({ pool, locks, now });
  const dispatcher = createDispatcher({
    inbox,
    pool,
    accounts: accountWriter,
    breaker,
    tokens,
    sources,
    catchUp: (ref) => reconciler.reconcile(ref, 'webhook'),
    perAccount: config.fetchConcurrency,
    now,
    random: Math.random,
    isBusy: () => receiver.isBusy(),
    onSettled: ({ key }, outcome) => {
      health.countFetch(key.source, outcome);
      signals.changed(key.account);
      photoCopier.wake();
    },
    onError,
  });
  opened.defer(signals.onDue(dispatcher.wake));
  const { isFetching } = dispatcher;
  const photoCopier = createPhotoCopier({ copyPhotos: pool.copyPhotos, isFetching, now, onError });
  const onEnqueued = ({ account }: AccountRef) => {
    signals.due();
    signals.changed(account);
  };
  const silence = createSilence({
    inbox,
    pool,
    sources,
    tokens,
    board,
    now,
    onRevived: ({ source, account }) =>
      log.warn(
        `${SOURCE_TITLES[source]} had stopped its webhook for ${account} after failures. It was told to send again.`,
      ),
  });
  const asking = {
    inbox,
    pool,
    sources,
    tokens,
    accounts,
    writer: accountWriter,
    runs: runWriter,
    breaker,
    locks,
    board,
    now,
    onEnqueued,
    onError,
  };
  const reconciler = createReconciler({ ...asking, silence });
  const auditor = createAuditor(asking);
  // At the same time: where the provider hangs, one after the other would take longer than whoever stops us waits.
  opened.defer(async () => {
    const asked = within(STOP_MS, Promise.all([reconciler.close(), auditor.close()]));
    await Promise.all([dispatcher.stop(STOP_MS), asked, within(STOP_MS, photoCopier.close())]);
  });
  const intake = opened.adopt(createIntake({ inbox, sources, seal, onTaken, onError }), (each) => each.close());
  const receiver = createReceiver({ inbox, board, now, onKept: intake.offer, onError });

  function onTaken(refs: AccountRef[]): void {
    signals.due();
    for (const ref of new Map(refs.map((each) => [`${each.source} ${each.account}`, each])).values()) {
      signals.changed(ref.account);
      // A sweep of everything is nothing for after each webhook.
      if (config.reconcileCron && sources.get(ref.source)?.changesSince) reconciler.soon(ref);
    }
  }

  // What people and programs see of it.
  const source = sources.get(RIDERS);
  if (!source) throw new Error('Ride With GPS is not among the sources.');
  const connecting = { config, seal, accounts, writer: accountWriter, inbox, reconciler, auditor, now, onError };
  const connect = createConnect({ ...connecting, source });
  const connectSource = createConnectSource({ ...connecting, sources });
  const status = {
    inbox,
    items,
    now,
    trouble: (ref: AccountRef) => reconciler.trouble(ref) ?? silence.trouble(ref),
  };
  const health = createHealth({ status, accounts, records, photos, trouble });
  const { publicUrl } = config;
  const controlled = new WeakSet<IncomingMessage>();
  const isControl = (request: IncomingMessage) => controlled.has(request);
  const auth = createAuth({ accounts, sessions, sessionWriter, publicUrl, isControl, now });
  const handle = createServer({
    config,
    publicUrl,
    assets,
    auth,
    health,
    sources,
    receiver,
    count: health.countWebhook,
    inbox,
    intake,
    accounts,
    accountWriter,
    items,
    itemVerbs,
    library,
    records,
    runs,
    photos,
    pictures,
    photoVerbs,
    photoCopier,
    lines,
    sessions,
    sessionWriter,
    readers,
    status,
    signals,
    events,
    grounds,
    speech: createSpeech(languages),
    connect,
    connectSource,
    reconciler,
    auditor,
    now,
    onError,
  });

  /** What keeps Slipstream from doing its work, as a sentence. */
  async function trouble(): Promise<string | undefined> {
    try {
      await accounts.list();
      await inbox.probe();
      return undefined;
    } catch (error) {
      onError(error);
      return 'The data folder cannot be written to or read: deliveries are refused with 503 until it can. The log says why.';
    }
  }

  const control = await listenOnSocket(
    (request, response) => {
      controlled.add(request);
      handle(request, response);
    },
    join(config.dataDir, 'control.sock'),
  );
  opened.defer(() => control.close());
  const web = await listenOnPort(handle, config.port, config.host);
  opened.defer(() => web.close());

  for (const { name, ownAccount } of sources.values()) if (ownAccount) await openOwnAccount(name, ownAccount);

  // It goes on by itself: with what was there before, and on schedule.
  intake.start();
  signals.due();
  schedule('* * * * *', judge);
  schedule('17 * * * *', prune);
  let closing = false;
  const describing = tidyPhotos().then(describeStored);
  opened.defer(() => {
    closing = true;
    return within(STOP_MS, describing);
  });
  if (config.auditCron) {
    schedule(config.auditCron, () => auditor.all());
    schedule('* * * * *', auditor.afterBackfill);
  }
  if (config.reconcileCron) {
    let startedBy: StartedBy = 'start';
    const catchUp = () => {
      const all = reconciler.all(startedBy);
      startedBy = 'schedule';
      return all;
    };
    void schedule(config.reconcileCron, catchUp).trigger();
  }
  if (config.ridewithgps.authToken) {
    // Until the provider has said whose token it is, it is asked again each minute.
    const ask = schedule('* * * * *', async () => {
      if (await connect.useAuthToken()) ask.stop();
    });
    void ask.trigger();
  }

  /** The environment may have new secrets for it, so whatever waited for a person is tried again. */
  async function openOwnAccount(source: SourceName, { id, name }: NonNullable<Source['ownAccount']>): Promise<void> {
    const ref: AccountRef = { source, account: id };
    const known = await accounts.find(ref);
    const sealedToken = seal.seal('', ref);
    await accountWriter.connect({ ...ref, name, client: '', tokenKind: 'auth-token', sealedToken, connectedAt: now() });
    await inbox.unpark(ref, now());
    if (!known) void reconciler.reconcile(ref, 'connecting');
  }

  /** Photos wait for this, and nothing else does. */
  async function tidyPhotos(): Promise<void> {
    try {
      await photoVerbs.tidy(now());
      photoCopier.open();
    } catch (error) {
      onError(error);
    }
  }

  /** After an upgrade; else it finds nothing to do. One slice at a time, so that fetches come between. */
  async function describeStored(): Promise<void> {
    try {
      for (let items = 1; items > 0 && !closing; ) {
        const slice = await pool.describeAnew();
        for (const failure of slice.failures) log.warn(failure);
        items = slice.items;
        // What they name is due now.
        if (items > 0) photoCopier.wake();
      }
    } catch (error) {
      // What is left is found at the next start.
      onError(error);
    }
  }

  /** Slice by slice, so that acknowledgements come between. */
  async function prune(): Promise<void> {
    while ((await inbox.prune(now() - DELIVERIES_KEPT_MS, PRUNED_AT_ONCE)) === PRUNED_AT_ONCE);
    while ((await inbox.pruneFindings(now() - FINDINGS_KEPT_MS, PRUNED_AT_ONCE)) === PRUNED_AT_ONCE);
  }

  /** @returns how many changes were drift. */
  async function judge(): Promise<number> {
    const verdicts = await judgeFindings({ inbox, accounts, items, now });
    for (const { finding } of verdicts) signals.changed(finding.key.account);
    return verdicts.filter(({ announced, finding }) => !announced && !finding.known).length;
  }

  function schedule(pattern: string, work: () => Promise<unknown>): Cron {
    // One at a time: a run that takes longer than its interval is not joined by another.
    const options = { timezone: 'UTC', protect: true, catch: onError };
    return opened.adopt(new Cron(pattern, options, async () => void (await work())), (cron) => cron.stop());
  }

  return {
    config,
    url: web.url,
    accounts,
    items,
    library,
    records,
    inbox,
    receiver,
    intake,
    dispatcher,
    reconciler,
    auditor,
    connect,
    connectSource,
    sessionWriter,
    photos,
    photoCopier,
    status,
    /** Every delivery has become tasks, every reconciliation that was asked for is over, and nothing that is due waits. */
    async settled(): Promise<void> {
      await intake.settled();
      await reconciler.settled();
      await dispatcher.settled();
    },
    judgeFindings: judge,
    close: () => opened.disposeAsync(),
  };
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
