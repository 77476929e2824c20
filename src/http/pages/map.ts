import type { Router } from 'express';
import { type Bounds, boundsAround, boundsIn } from '../../lines/bounds.ts';
import { DEEPEST } from '../../lines/world.ts';
import type { LibraryFilter, RideType } from '../../storage/library.ts';
import type { ItemName } from '../../storage/lines.ts';
import { type LibraryView, readView, viewQuery } from '../../web/library-view.ts';
import { mapItems, mapPage } from '../../web/map.ts';
import { problem } from '../problem.ts';
import { createTileCache } from '../tile-cache.ts';
import type { PageKit, PageParts } from './page.ts';

/** Of tiles kept in memory, for all accounts: some hundred views of a large library. */
const CACHE_BYTES = 48 * 1024 * 1024;
/** What is asked about in one request: as many as a page of the library has. */
const MOST_ITEMS = 50;
const ITEM = /^(route|trip)\/([^/]{1,64})$/;

/** The map of everything: its page, its tiles, and what there is to say of a place on it. */
export function addMap(router: Router, { config, library, lines, readers }: PageParts, kit: PageKit): void {
  const viewOf = (address: string): LibraryView => readView(new URL(address, config.publicUrl).searchParams, '/map');
  const itemsOf = (address: string): ItemName[] =>
    new URL(address, config.publicUrl).searchParams
      .getAll('item')
      .slice(0, MOST_ITEMS)
      .flatMap((name) => {
        const [, type, id] = ITEM.exec(name) ?? [];
        return type && id ? [{ type: type as RideType, id }] : [];
      });
  const cache = createTileCache((accountId, key) => {
    const { z, x, y, filter } = JSON.parse(key);
    return readers.tile({ accountId, z, x, y, filter });
  }, CACHE_BYTES);

  router.get(
    '/map',
    kit.signedIn(async (viewer, request, response) => {
      const view = viewOf(request.originalUrl);
      const { id } = viewer.account;
      const query = viewQuery(view);
      const page = await library.list(id, { ...query, page: 1, pageSize: 1 });
      const { tracks, boxes } = await lines.boxes(id, filterOf(view));
      const counts = await library.count(id);
      const bounds = boundsAround(boxes);
      const frame = await kit.frameOf(viewer, request);
      kit.sendMap(response, frame, mapPage({ frame, view, page, counts, tracks, bounds }));
    }),
  );

  router.get(
    '/map/tiles/:z/:x/:y.pbf',
    kit.signedIn(async ({ account }, request, response) => {
      const [z = -1, x = -1, y = -1] = [request.params.z, request.params.x, request.params.y].map((part) =>
        /^\d{1,6}$/.test(String(part)) ? Number(part) : -1,
      );
      if (Math.min(z, x, y) < 0)
        return problem(response, 400, 'bad_request', 'A tile is named by three whole numbers.');
      if (z > DEEPEST || Math.max(x, y) >= 2 ** z) return problem(response, 404, 'not_found', 'There is no such tile.');
      const filter = filterOf(viewOf(request.originalUrl));
      const key = JSON.stringify({ version: await lines.version(account.id), z, x, y, filter });
      const tile = await cache.get(account.id, key, () => !response.closed);
      if (!tile) return response.end();
      response.set({ etag: tile.etag, 'cache-control': 'private, no-cache', vary: 'cookie' });
      if (request.headers['if-none-match'] === tile.etag) return response.status(304).end();
      if (tile.body.length === 0) return response.status(204).end();
      return response
        .set({ 'content-encoding': 'gzip', 'content-type': 'application/vnd.mapbox-vector-tile' })
        .end(tile.body);
    }),
  );

  router.get(
    '/map/where',
    kit.signedIn(async ({ account }, request, response) => {
      const view = viewOf(request.originalUrl);
      const { tracks, boxes } = await lines.boxes(account.id, filterOf(view));
      const found = await lines.places(account.id, itemsOf(request.originalUrl));
      const places: Record<string, Bounds> = Object.fromEntries(
        found.map((each) => [`${each.type}/${each.id}`, boundsIn(each)]),
      );
      response.set('cache-control', 'private, no-store').json({ tracks, bounds: boundsAround(boxes), places });
    }),
  );

  router.get(
    '/map/items',
    kit.signedIn(async (viewer, request, response) => {
      const asked = itemsOf(request.originalUrl);
      const found = await Promise.all(asked.map(({ type, id }) => library.find(viewer.account.id, type, id)));
      const frame = await kit.frameOf(viewer, request);
      kit.send(
        response,
        mapItems(
          found.filter((item) => item !== undefined),
          frame.units,
        ).markup,
      );
    }),
  );
}

/** What of a view decides what is drawn: neither order nor page. */
function filterOf(view: LibraryView): LibraryFilter {
  const { page: _, pageSize: __, sort: ___, order: ____, ...filter } = viewQuery(view);
  return filter;
}
