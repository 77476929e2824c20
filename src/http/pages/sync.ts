import type { Router } from 'express';
import { pinsOf } from '../../sources/source.ts';
import { reportOf } from '../../status.ts';
import type { Key, Notification } from '../../vocabulary.ts';
import { syncPage } from '../../web/sync.ts';
import { refOf, replay } from '../api.ts';
import type { PageKit, PageParts } from './page.ts';

/** The sync page, its events, and what can be asked for on it. */
export function addSync(router: Router, parts: PageParts, kit: PageKit): void {
  const { accounts, auditor, config, dispatcher, events, inbox, items, itemVerbs, now, reconciler, status } = parts;
  const schedule = { reconcile: config.reconcileCron ?? 'off', audit: config.auditCron ?? 'off' };

  router.get(
    '/sync',
    kit.signedIn(async (viewer, _request, response) => {
      const frame = await kit.frameOf(viewer);
      const deadLetters = await inbox.deadLetters(refOf(viewer), viewer.account.owner);
      const heldDeletions = await items.held(viewer.account.id);
      kit.send(response, syncPage({ frame, deadLetters, heldDeletions, schedule }));
    }),
  );

  router.get(
    '/sync/events',
    kit.signedIn(({ account }, _request, response) =>
      events.stream(response, account.user_id, async () => {
        const current = await accounts.byId(account.id);
        return reportOf(status, current ? [current] : []);
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

  router.post(
    '/sync/deletions/confirm',
    kit.signedIn(async ({ account }, _request, response) => {
      await itemVerbs.confirmHeld(account.id, now());
      response.redirect(303, '/sync');
    }),
  );

  router.post(
    '/sync/deletions/refuse',
    kit.signedIn(async (viewer, _request, response) => {
      const ref = refOf(viewer);
      const released = await itemVerbs.releaseHeld(viewer.account.id);
      await inbox.enqueue([...released.map((item) => asked({ ...ref, ...item })), asked(pinsOf(ref))]);
      dispatcher.wake();
      response.redirect(303, '/sync');
    }),
  );

  router.post(
    '/dead-letters/:id/replay',
    kit.signedIn(async (viewer, request, response) => {
      await replay(parts, viewer, Number(request.params.id));
      response.redirect(303, '/sync');
    }),
  );

  function asked(key: Key): Notification {
    return { key, origin: 'person', action: 'asked for', learntAt: now(), announcesDeletion: false };
  }
}
