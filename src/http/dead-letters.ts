import type { RequestHandler, Router } from 'express';
import type { Intake } from '../inbox.ts';
import type { Source } from '../sources/source.ts';
import type { Inbox } from '../storage/inbox.ts';
import type { Signals } from '../storage/signals.ts';
import type { SourceName } from '../vocabulary.ts';
import { refOf, type SignedIn, type Viewer } from './auth.ts';
import { notFound, problem } from './problem.ts';
import { rowIdIn } from './row-id.ts';

export interface DeadLetterParts {
  inbox: Inbox;
  intake: Intake;
  sources: ReadonlyMap<SourceName, Source>;
  signals: Pick<Signals, 'changed' | 'due'>;
  now: () => number;
}

/** Deliveries of up to 1 MiB each are read again together, in one commit. */
const AT_ONCE = 20;

/** What can be asked about dead letters, for the page and the API. Who asks reaches no letter of somebody else. */
export function createDeadLetters({ inbox, intake, sources, signals, now }: DeadLetterParts) {
  async function tryAgain(viewer: Viewer, id: number): Promise<'none' | 'queued' | 'still-unreadable'> {
    const answer = await inbox.replay(id, refOf(viewer), viewer.account.owner, now());
    if (answer.kind !== 'read-again') return answer.kind;
    const source = sources.get(answer.source);
    return source && (await intake.readAgain(id, source, answer)) ? 'queued' : 'still-unreadable';
  }

  function changed({ account }: Viewer): void {
    signals.due();
    signals.changed(account.user_id);
  }

  return {
    async list(viewer: Viewer) {
      const { owner } = viewer.account;
      const [items, ids, dropped] = await Promise.all([
        inbox.deadLetters(refOf(viewer), owner),
        inbox.letterIds(refOf(viewer), owner),
        owner ? inbox.droppedLetters() : 0,
      ]);
      return { items, meta: { total: ids.length, dropped } };
    },

    async replay(viewer: Viewer, id: number) {
      const answer = await tryAgain(viewer, id);
      changed(viewer);
      return answer;
    },

    /** Each letter that there is now, once: what fails again is a new one, and not among them. */
    async replayAll(viewer: Viewer): Promise<{ replayed: number[]; still_unreadable: number[] }> {
      const ids = await inbox.letterIds(refOf(viewer), viewer.account.owner);
      const answers = { queued: [] as number[], 'still-unreadable': [] as number[], none: [] as number[] };
      for (let start = 0; start < ids.length; start += AT_ONCE) {
        const some = ids.slice(start, start + AT_ONCE);
        await Promise.all(some.map(async (id) => answers[await tryAgain(viewer, id)].push(id)));
      }
      changed(viewer);
      return { replayed: answers.queued, still_unreadable: answers['still-unreadable'] };
    },

    async dismiss(viewer: Viewer, id: number): Promise<boolean> {
      const dismissed = await inbox.dismiss(id, refOf(viewer), viewer.account.owner);
      changed(viewer);
      return dismissed;
    },

    async dismissAll(viewer: Viewer): Promise<number[]> {
      const { owner } = viewer.account;
      const ids = await inbox.letterIds(refOf(viewer), owner);
      const dismissed = await Promise.all(ids.map((id) => inbox.dismiss(id, refOf(viewer), owner)));
      changed(viewer);
      return ids.filter((_, index) => dismissed[index]);
    },
  };
}

/** `/api/v1/dead-letters`. */
export function addDeadLetters(router: Router, parts: DeadLetterParts, signedIn: SignedIn): void {
  const letters = createDeadLetters(parts);
  const idIn = (request: Parameters<RequestHandler>[0]): number => rowIdIn(request.params.id);

  router.get(
    '/dead-letters',
    signedIn(async (viewer, _request, response) => response.json(await letters.list(viewer))),
  );

  router.post(
    '/dead-letters/replay',
    signedIn(async (viewer, _request, response) => response.status(202).json(await letters.replayAll(viewer))),
  );

  router.post(
    '/dead-letters/dismiss',
    signedIn(async (viewer, _request, response) => response.json({ dismissed: await letters.dismissAll(viewer) })),
  );

  router.post(
    '/dead-letters/:id/replay',
    signedIn(async (viewer, request, response) => {
      const answer = await letters.replay(viewer, idIn(request));
      if (answer === 'none') return notFound(request, response, () => {});
      if (answer === 'queued') return response.status(202).json({ replayed: idIn(request) });
      const message = 'It was read again and is still not readable. It stays where it is.';
      return problem(response, 422, 'still_unreadable', message);
    }),
  );

  router.post(
    '/dead-letters/:id/dismiss',
    signedIn(async (viewer, request, response) => {
      const dismissed = await letters.dismiss(viewer, idIn(request));
      return dismissed ? response.json({ dismissed: idIn(request) }) : notFound(request, response, () => {});
    }),
  );
}
