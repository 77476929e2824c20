import type { Router } from 'express';
import { UnusableTiles } from '../../ground/tiles.ts';
import type { PageKit, PageParts } from './page.ts';

const YEAR_S = 31_536_000;

/** The tiles of MAP_TILES, for the maps of pages. */
export function addGround(router: Router, { grounds, onError }: PageParts, kit: PageKit): void {
  const { tiles } = grounds;
  if (!tiles) return;
  let told = '';
  router.get(
    '/map/ground/:z/:x/:y.mvt',
    kit.signedIn(async (_viewer, request, response) => {
      const at = placeOf(request.params);
      if (!at) return response.status(404).end();
      try {
        const { version } = await tiles.info();
        const etag = `"${version}"`;
        // The address that pages give to maps has the version in it: what it answers never changes.
        const forGood = request.query.v === version;
        response.set({
          etag,
          'cache-control': forGood ? `private, max-age=${YEAR_S}, immutable` : 'private, no-cache',
          vary: 'accept-encoding',
        });
        if (request.headers['if-none-match'] === etag) return response.status(304).end();
        const tile = await tiles.tile(...at);
        if (!tile) return response.status(204).end();
        const { encoding } = tile;
        if (encoding && request.acceptsEncodings(encoding)) {
          return response.set('content-encoding', encoding).type(MVT).send(tile.bytes);
        }
        return response.type(MVT).send((await tiles.unpack(tile)).bytes);
      } catch (error) {
        if (!(error instanceof UnusableTiles)) throw error;
        // A map asks for dozens of tiles: one line in the log is enough for them.
        if (error.message !== told) onError(error);
        told = error.message;
        return response.status(503).set('cache-control', 'no-store').end();
      }
    }),
  );
}

const MVT = 'application/vnd.mapbox-vector-tile';
/** As deep as PMTiles can go. */
const DEEPEST = 26;

function placeOf({ z = '', x = '', y = '' }: Record<string, string | string[] | undefined>) {
  const numbers = [z, x, y].map((part) => (/^\d{1,8}$/.test(String(part)) ? Number(part) : Number.NaN));
  const [zoom = Number.NaN, ...across] = numbers;
  const [column = Number.NaN, row = Number.NaN] = across;
  if (!(zoom <= DEEPEST && column < 2 ** zoom && row < 2 ** zoom)) return undefined;
  return [zoom, column, row] as const;
}
