import type { Router } from 'express';
import { itemPage } from '../../web/item.ts';
import { libraryPage } from '../../web/library.ts';
import { readView, viewQuery } from '../../web/library-view.ts';
import { waysOut } from '../../web/library-ways-out.ts';
import { MESSAGES } from '../../web/message.ts';
import { KINDS } from '../list-query.ts';
import type { PageKit, PageParts } from './page.ts';

/** The library, an item, and the columns that its map and profile are drawn from. */
export function addLibrary(router: Router, { config, library, photos, readers }: PageParts, kit: PageKit): void {
  router.get(
    '/library',
    kit.signedIn(async (viewer, request, response) => {
      const view = readView(new URL(request.originalUrl, config.publicUrl).searchParams);
      const { id } = viewer.account;
      const page = await library.list(id, viewQuery(view));
      const ways = page.totals.count === 0 ? waysOut(view) : [];
      const found = await Promise.all(ways.map(({ to }) => library.tally(id, viewQuery(to))));
      const counts = await library.count(id);
      const frame = await kit.frameOf(viewer, request);
      kit.sendMap(response, frame, libraryPage({ frame, view, page, counts, found }));
    }),
  );

  for (const [kind, type] of KINDS) {
    router.get(
      `/${kind}/:id`,
      kit.signedIn(async (viewer, request, response) => {
        const wanted = { accountId: viewer.account.id, type, id: String(request.params.id) };
        const item = await library.find(wanted.accountId, type, wanted.id);
        const made = item && (await readers.file({ ...wanted, format: 'page' }));
        if (!item || !made) return kit.message(request, response, MESSAGES.notFound);
        const { body, summary } = JSON.parse(Buffer.from(made).toString());
        const providerUrl = `${config.ridewithgps.baseUrl}/${kind}/${item.id}`;
        const earlier = await library.countEarlier(wanted.accountId, type, item.id);
        const frame = await kit.frameOf(viewer, request);
        const shown = { item, body, summary, earlier, photos: await photos.of(wanted), providerUrl };
        return kit.sendMap(response, frame, itemPage({ frame, ...shown }));
      }),
    );

    router.get(
      `/${kind}/:id/track.json`,
      kit.signedIn(async ({ account }, request, response) => {
        const track = await readers.file({
          accountId: account.id,
          type,
          id: String(request.params.id),
          format: 'track',
        });
        if (!track) return kit.message(request, response, MESSAGES.notFound);
        return response.set('cache-control', 'private, no-cache').type('application/json').send(Buffer.from(track));
      }),
    );
  }
}
