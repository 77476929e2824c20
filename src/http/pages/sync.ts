import { type Router, urlencoded } from 'express';
import { z } from 'zod';
import { reportOf } from '../../status.ts';
import type { Account } from '../../storage/accounts.ts';
import { MESSAGES } from '../../web/message.ts';
import { RUNS_SHOWN, runsPage } from '../../web/runs.ts';
import { syncPage } from '../../web/sync.ts';
import { refOf } from '../auth.ts';
import { createDeadLetters } from '../dead-letters.ts';
import { createDeletions, throughIn } from '../deletions.ts';
import { rowIdIn } from '../row-id.ts';
import { createRuns } from '../runs.ts';
import type { PageKit, PageParts } from './page.ts';

const THIRTY_DAYS_MS = 30 * 86_400_000;
const RUNS_ON_A_PAGE = 50;
const pageNumber = z.coerce.number().int().min(1).max(1_000_000).catch(1);

/** The sync page, its events, and what can be asked for on it. */
export function addSync(router: Router, parts: PageParts, kit: PageKit): void {
  const { auth, config, events, jobs, status } = parts;
  const letters = createDeadLetters(parts);
  const deletions = createDeletions(parts);
  const runs = createRuns(parts);
  const schedule = { reconcile: config.reconcileCron ?? 'off', audit: config.auditCron ?? 'off' };

  router.get(
    '/sync',
    kit.signedIn(async (viewer, request, response) => {
      const frame = await kit.frameOf(viewer, request);
      const shown = {
        deadLetters: await letters.list(viewer),
        deletions: await deletions.report(viewer.account),
        runs: await runs.list(viewer, 1, RUNS_SHOWN),
        announcedByDay: await parts.inbox.announcedByDay(refOf(viewer), parts.now() - THIRTY_DAYS_MS),
      };
      kit.send(response, syncPage({ frame, ...shown, schedule }));
    }),
  );

  router.get(
    '/sync/runs',
    kit.signedIn(async (viewer, request, response) => {
      const shown = await runs.list(viewer, pageNumber.parse(request.query.page), RUNS_ON_A_PAGE);
      kit.send(response, runsPage(await kit.frameOf(viewer, request), shown));
    }),
  );

  router.get(
    '/sync/events',
    kit.signedIn(({ account }, request, response) =>
      events.stream(response, account.user_id, async () => {
        // A page may stay open for days: whoever has signed out meanwhile, or was erased, is told nothing more.
        const viewer = await auth.viewerOf(request);
        return viewer?.account.user_id === account.user_id ? reportOf(status, [viewer.account]) : undefined;
      }),
    ),
  );

  router.post(
    '/sync/reconcile',
    kit.signedIn(async (viewer, _request, response) => {
      await jobs.ask('reconcile', { ...refOf(viewer), startedBy: 'person' });
      response.redirect(303, '/sync');
    }),
  );

  router.post(
    '/sync/audit',
    kit.signedIn(async (viewer, _request, response) => {
      await jobs.ask('audit', { ...refOf(viewer), startedBy: 'person' });
      response.redirect(303, '/sync');
    }),
  );

  const form = urlencoded({ extended: false, limit: '1kb' });
  type Answer = (account: Account, through: number) => Promise<number>;
  const answerWith = (answer: Answer) =>
    kit.signedIn(async (viewer, request, response) => {
      const through = throughIn(request.body);
      if (through === undefined) return kit.message(request, response, MESSAGES.badRequest);
      await answer(viewer.account, through);
      return response.redirect(303, '/sync');
    });

  router.post('/sync/deletions/confirm', form, answerWith(deletions.confirm));
  router.post('/sync/deletions/refuse', form, answerWith(deletions.refuse));
  router.post('/sync/deletions/kept/confirm', form, answerWith(deletions.confirmKept));

  router.post(
    '/dead-letters/replay',
    kit.signedIn(async (viewer, _request, response) => {
      await letters.replayAll(viewer);
      response.redirect(303, '/sync');
    }),
  );

  router.post(
    '/dead-letters/dismiss',
    kit.signedIn(async (viewer, _request, response) => {
      await letters.dismissAll(viewer);
      response.redirect(303, '/sync');
    }),
  );

  router.post(
    '/dead-letters/:id/replay',
    kit.signedIn(async (viewer, request, response) => {
      const answer = await letters.replay(viewer, rowIdIn(request.params.id));
      if (answer === 'none') return kit.message(request, response, MESSAGES.notFound);
      return response.redirect(303, '/sync');
    }),
  );

  router.post(
    '/dead-letters/:id/dismiss',
    kit.signedIn(async (viewer, request, response) => {
      const dismissed = await letters.dismiss(viewer, rowIdIn(request.params.id));
      return dismissed ? response.redirect(303, '/sync') : kit.message(request, response, MESSAGES.notFound);
    }),
  );
}
