import type { Router } from 'express';
import type { StatusParts } from '../status.ts';
import type { Account } from '../storage/accounts.ts';
import type { Inbox } from '../storage/inbox.ts';
import type { RideType } from '../storage/library.ts';
import type { Records } from '../storage/records.ts';
import type { Signals } from '../storage/signals.ts';
import { type Why, whyOf } from '../web/why-verdict.ts';
import { isItemId, whyFacts } from '../why.ts';
import type { SignedIn } from './auth.ts';
import { KINDS } from './list-query.ts';
import { notFound, problem } from './problem.ts';

export interface WhyRoutesParts {
  inbox: Inbox;
  records: Records;
  status: StatusParts;
  signals: Pick<Signals, 'changed' | 'due'>;
  now: () => number;
}

/** Why something is here or not, and asking for it again, for the page and the API. */
export function createWhy({ inbox, records, status, signals, now }: WhyRoutesParts) {
  return {
    tell: async (account: Account, type: string, id: string): Promise<Why> =>
      whyOf(await whyFacts({ ...status, records }, account, type, id)),

    /** A notification like any other: what comes of it is decided by what the provider answers. @returns false: nobody can ask. */
    async fetchAgain({ source, user_id, state }: Account, type: string, id: string): Promise<boolean> {
      if (state === 'disconnected') return false;
      const key = { source, account: user_id, type, id };
      await inbox.enqueue([{ key, origin: 'person', action: 'asked for', learntAt: now(), announcesDeletion: false }]);
      signals.due();
      signals.changed(user_id);
      return true;
    },
  };
}

/** `/api/v1/trips/{id}/why` and `/refetch`, for any id that there may be at the provider. */
export function addWhy(router: Router, parts: WhyRoutesParts, signedIn: SignedIn): void {
  const why = createWhy(parts);
  const wanted = (params: Record<string, unknown>): { type: RideType; id: string } | undefined => {
    const [type, id] = [KINDS.get(String(params.kind)), String(params.id)];
    return type && isItemId(id) ? { type, id } : undefined;
  };

  router.get(
    '/:kind/:id/why',
    signedIn(async (viewer, request, response) => {
      const of = wanted(request.params);
      if (!of) return notFound(request, response, () => {});
      return response.json(await why.tell(viewer.account, of.type, of.id));
    }),
  );

  router.post(
    '/:kind/:id/refetch',
    signedIn(async (viewer, request, response) => {
      const of = wanted(request.params);
      if (!of) return notFound(request, response, () => {});
      if (!(await why.fetchAgain(viewer.account, of.type, of.id)))
        return problem(
          response,
          409,
          'disconnected',
          'This account is disconnected: connect again to ask for anything.',
        );
      return response.status(202).json({ asked_for: of });
    }),
  );
}
