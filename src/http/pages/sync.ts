import { type Router, urlencoded } from 'express';
import { reportOf } from '../../status.ts';
import { MESSAGES } from '../../web/message.ts';
import { syncPage } from '../../web/sync.ts';
import { refOf, type Viewer } from '../auth.ts';
import { createDeadLetters } from '../dead-letters.ts';
import { createDeletions, throughIn } from '../deletions.ts';
import type { PageKit, PageParts } from './page.ts';

/** The sync page, its events, and what can be asked for on it. */
export function addSync(router: Router, parts: PageParts, kit: PageKit): void {
  const { auditor, auth, config, events, reconciler, status } = parts;
  const letters = createDeadLetters(parts);
  const deletions = createDeletions(parts);
  const schedule = { reconcile: config.reconcileCron ?? 'off', audit: config.auditCron ?? 'off' };

  router.get(
    '/sync',
    kit.signedIn(async (viewer, request, response) => {
      const frame = await kit.frameOf(viewer, request);
      const shown = { deadLetters: await letters.list(viewer), deletions: await deletions.report(viewer) };
      kit.send(response, syncPage({ frame, ...shown, schedule }));
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
      void reconciler.reconcile(refOf(viewer));
      response.redirect(303, '/sync');
    }),
  );

  router.post(
    '/sync/audit',
    kit.signedIn(async (viewer, _request, response) => {
      void auditor.audit(refOf(viewer));
      response.redirect(303, '/sync');
    }),
  );

  const form = urlencoded({ extended: false, limit: '1kb' });
  type Answer = (viewer: Viewer, through: number) => Promise<number>;
  const answerWith = (answer: Answer) =>
    kit.signedIn(async (viewer, request, response) => {
      const through = throughIn(request.body);
      if (through === undefined) return kit.message(request, response, MESSAGES.badRequest);
      await answer(viewer, through);
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
      const answer = await letters.replay(viewer, Number(request.params.id));
      if (answer === 'none') return kit.message(request, response, MESSAGES.notFound);
      return response.redirect(303, '/sync');
    }),
  );

  router.post(
    '/dead-letters/:id/dismiss',
    kit.signedIn(async (viewer, request, response) => {
      const dismissed = await letters.dismiss(viewer, Number(request.params.id));
      return dismissed ? response.redirect(303, '/sync') : kit.message(request, response, MESSAGES.notFound);
    }),
  );
}
