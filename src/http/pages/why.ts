import { type Router, urlencoded } from 'express';
import { z } from 'zod';
import { MESSAGES } from '../../web/message.ts';
import { readRideAddress } from '../../web/ride-address.ts';
import { askWhyPage, whyPage } from '../../web/why.ts';
import { isItemId } from '../../why.ts';
import { KINDS } from '../list-query.ts';
import { createWhy } from '../why.ts';
import type { PageKit, PageParts } from './page.ts';

const asking = z.object({
  ride: z.string().max(500),
  kind: z.enum(['routes', 'trips']).catch('trips'),
});

/** "Why isn't my ride here?": the form, the answer for any id, and fetching it again. */
export function addWhy(router: Router, parts: PageParts, kit: PageKit): void {
  const why = createWhy(parts);

  router.get(
    '/why',
    kit.signedIn(async (viewer, request, response) =>
      kit.send(response, askWhyPage({ frame: await kit.frameOf(viewer, request) })),
    ),
  );

  // A change of nothing, but sent as one: what is pasted may have a privacy code in it, which no address of ours shall keep.
  router.post(
    '/why',
    urlencoded({ extended: false, limit: '10kb' }),
    kit.signedIn(async (viewer, request, response) => {
      const { data } = asking.safeParse(request.body);
      const address = data && readRideAddress(data.ride, data.kind);
      if (address) return response.redirect(303, `/${address.kind}/${address.id}/why`);
      const frame = await kit.frameOf(viewer, request);
      return kit.send(response.status(400), askWhyPage({ frame, typed: (data?.ride ?? '').split('?', 1)[0] ?? '' }));
    }),
  );

  for (const [kind, type] of KINDS) {
    router.get(
      `/${kind}/:id/why`,
      kit.signedIn(async (viewer, request, response) => {
        const id = String(request.params.id);
        if (!isItemId(id)) return kit.message(request, response, MESSAGES.notFound);
        const told = await why.tell(viewer.account, type, id);
        return kit.send(response, whyPage({ frame: await kit.frameOf(viewer, request), why: told }));
      }),
    );

    router.post(
      `/${kind}/:id/refetch`,
      kit.signedIn(async (viewer, request, response) => {
        const id = String(request.params.id);
        if (!isItemId(id)) return kit.message(request, response, MESSAGES.notFound);
        await why.fetchAgain(viewer.account, type, id);
        return response.redirect(303, `/${kind}/${id}/why`);
      }),
    );
  }
}
