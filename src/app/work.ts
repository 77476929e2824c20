import { createAuditor } from '../audit.ts';
import { createDispatcher } from '../dispatch.ts';
import { judgeFindings } from '../drift.ts';
import { type Crontab, reconcileSoon, type Work } from '../jobs/jobs.ts';
import { createPhotoCopier } from '../photos.ts';
import { createPool } from '../pool.ts';
import { createReconciler, type Reconciled } from '../reconcile.ts';
import { createSilence } from '../silence.ts';
import { isStorageError } from '../storage/failure.ts';
import { createTokens } from '../tokens.ts';
import { type AccountRef, SOURCE_TITLES } from '../vocabulary.ts';
import type { Foundations } from './foundations.ts';
import { within } from './within.ts';

/** What was received is kept this long, as evidence. */
const DELIVERIES_KEPT_MS = 14 * 86_400_000;
/** Webhook health is told for thirty days. */
const FINDINGS_KEPT_MS = 31 * 86_400_000;
const PRUNED_AT_ONCE = 500;
/** When Slipstream is told to stop, what is running is given this long. */
const STOP_MS = 4_000;
/** A process that was killed is missed at the second look: well within a minute, even on a busy machine. */
const RECOVER_EVERY_MS = 6_000;
const TIDY_AGAIN_MS = 2_000;

/** Claims, fetches, reconciles, audits, copies photos. `start` begins. */
export async function openWork(foundations: Foundations, isBusy: () => boolean, opened: AsyncDisposableStack) {
  const { config, log, now, onError, store, secretKeys, sources, inbox, accounts, items } = foundations;
  const { board, locks, signals, breaker, health, jobs } = foundations;
  const pool = opened.adopt(createPool({ config, secretKeys, now, flush: store.flush }), (each) => each.close());
  const verbs = store.verbs(pool.call);
  await takeUp();

  const tokens = createTokens({ pool, locks, now });
  const dispatcher = createDispatcher({
    inbox,
    pool,
    accounts: verbs.accounts,
    breaker,
    tokens,
    sources,
    catchUp: (ref) => reconciler.reconcile(ref, 'webhook'),
    perAccount: config.fetchConcurrency,
    now,
    random: Math.random,
    isBusy,
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
    writer: verbs.accounts,
    runs: verbs.runs,
    breaker,
    locks,
    board,
    now,
    onEnqueued,
    onError,
  };
  const reconciler = createReconciler({
    ...asking,
    silence,
    soon: (ref) => void reconcileSoon(jobs, ref).catch(onError),
  });
  const auditor = createAuditor(asking);
  // At the same time: where the provider hangs, one after the other would take longer than whoever stops us waits.
  opened.defer(async () => {
    const asked = within(STOP_MS, Promise.all([reconciler.close(), auditor.close()]));
    const copied = within(STOP_MS, photoCopier.close());
    await Promise.all([dispatcher.stop(STOP_MS), asked, copied, within(STOP_MS, jobs.close())]);
  });
  let closing = false;

  const work: Work = {
    reconcile: async ({ startedBy, ...ref }) =>
      begun(
        startedBy === 'person' || startedBy === 'connecting'
          ? await reconciler.reconcile(ref, startedBy)
          : await reconciler.unlessDown(ref, startedBy),
      ),
    audit: ({ startedBy, ...ref }) =>
      startedBy === 'schedule' ? auditor.unlessDown(ref) : auditor.audit(ref, startedBy),
    connected: async ({ before, ...ref }) => {
      begun(await reconciler.reconcile(ref, 'connecting'));
      if (before) await auditor.audit(ref, 'connecting');
    },
    'reconcile-all': async ({ startedBy }) =>
      jobs.askEach(
        'reconcile',
        (await reconciler.reconcilable()).map((ref) => ({ ...ref, startedBy })),
      ),
    'audit-all': async () =>
      jobs.askEach(
        'audit',
        (await auditor.auditable()).map((ref) => ({ ...ref, startedBy: 'schedule' })),
      ),
    'audit-after-backfill': () => auditor.afterBackfill(),
    'judge-findings': judge,
    prune,
    'copy-photos': async () => photoCopier.wake(),
  };

  /** A job that this process takes with it to its end is for another one to do. */
  function begun({ ok }: Reconciled): void {
    if (closing && !ok) throw new Error('Slipstream is stopping.');
  }

  const crontab: Crontab = [
    { pattern: '* * * * *', name: 'judge-findings', payload: {} },
    { pattern: '17 * * * *', name: 'prune', payload: {} },
    ...(config.auditCron
      ? ([
          { pattern: config.auditCron, name: 'audit-all', payload: {} },
          { pattern: '* * * * *', name: 'audit-after-backfill', payload: {} },
        ] as const)
      : []),
    ...(config.reconcileCron
      ? ([{ pattern: config.reconcileCron, name: 'reconcile-all', payload: { startedBy: 'schedule' } }] as const)
      : []),
  ];

  /** It goes on by itself from here: with what was there before, with what is asked for, and on schedule. */
  async function start(): Promise<void> {
    signals.due();
    const recovering = setInterval(() => void inbox.recover().then(wakeForSome, onError), RECOVER_EVERY_MS);
    opened.defer(() => clearInterval(recovering));
    await jobs.start(work, crontab);
    const describing = tidyUp();
    opened.defer(() => {
      closing = true;
      locks.stop();
      return within(STOP_MS, describing);
    });
  }

  /** What was missed while nobody was here. */
  async function catchUp(): Promise<void> {
    if (config.reconcileCron) await jobs.ask('reconcile-all', { startedBy: 'start' }, { key: 'start' });
  }

  const wakeForSome = (recovered: number): void => {
    if (recovered > 0) signals.due();
  };

  /** What was in flight when the last process ended, and what an inbox that was lost had known. */
  async function takeUp(): Promise<void> {
    await inbox.recover();
    const applied = await items.greatestSeq();
    if ((await inbox.sequence()) >= applied) return;
    // An inbox that knows less of the fetches than the mirror was lost, or is an old one: what waited in it has to be found again.
    log.warn(
      'inbox.db was lost or is older than mirror.db: every library is listed again, and what is missing is fetched',
    );
    for (const { source, user_id: account } of await accounts.list()) await verbs.accounts.rewind({ source, account });
    // Only now: who is killed in between finds out again.
    await inbox.raiseSequence(applied);
  }

  /** One process at a time. What the disk or the database did not allow is tried until it does; whatever else fails, at the next start. */
  async function tidyUp(): Promise<void> {
    for (let again = true; again && !closing; ) {
      again = false;
      try {
        await locks.hold('describe', () => tidyPhotos().then(describeStored));
      } catch (error) {
        onError(error);
        again = isStorageError(error);
        if (again) await new Promise((resolve) => setTimeout(resolve, TIDY_AGAIN_MS));
      }
    }
  }

  /** Photos wait for this, and nothing else does. */
  async function tidyPhotos(): Promise<void> {
    await verbs.photos.tidy(now());
    photoCopier.open();
  }

  /** After an upgrade; else it finds nothing to do. One slice at a time, so that fetches come between. */
  async function describeStored(): Promise<void> {
    for (let items = 1; items > 0 && !closing; ) {
      const slice = await pool.describeAnew();
      for (const failure of slice.failures) log.warn(failure);
      items = slice.items;
      // What they name is due now.
      if (items > 0) photoCopier.wake();
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

  return { verbs, dispatcher, photoCopier, reconciler, auditor, judge, start, catchUp };
}
