import { pipeline } from 'node:stream/promises';
import type { Router } from 'express';
import { MESSAGES } from '../../web/message.ts';
import { PHOTOS_SECTION } from '../../web/photos.ts';
import { KINDS } from '../list-query.ts';
import type { PageKit, PageParts } from './page.ts';

/**
 * Should a picture ever be taken for a page: nothing in it runs, and nothing in it is asked for. The styles are those of the page that
 * the browser itself makes around a picture.
 */
const AS_PICTURE = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'";

/** Pictures out of our own store, and another try for those that could not be copied. */
export function addPhotos(router: Router, parts: PageParts, kit: PageKit): void {
  const { photos, pictures, photoVerbs, jobs, now, onError } = parts;

  router.get(
    '/photos/:hash',
    kit.signedIn(async ({ account }, request, response) => {
      const hash = String(request.params.hash);
      const picture = /^[0-9a-f]{64}$/.test(hash) ? await photos.picture(account.id, hash) : undefined;
      const bytes = picture && (await pictures.read(hash));
      if (!picture || !bytes) return kit.message(request, response, MESSAGES.notFound);
      // The address is the content's own, so it never changes; but it is one rider's.
      response.set({
        'content-type': picture.media,
        'content-length': String(picture.bytes),
        'cache-control': 'private, max-age=31536000, immutable',
        'content-security-policy': AS_PICTURE,
        'content-disposition': 'inline',
      });
      if (request.method === 'HEAD') {
        bytes.destroy();
        return response.end();
      }
      // Who goes away in the middle is no fault.
      return pipeline(bytes, response).catch((error: unknown) => {
        if (!response.destroyed) onError(error);
        response.destroy();
      });
    }),
  );

  for (const [kind, type] of KINDS) {
    router.post(
      `/${kind}/:id/photos/retry`,
      kit.signedIn(async ({ account }, request, response) => {
        const id = String(request.params.id);
        const retried = await photoVerbs.retry({ accountId: account.id, type, id }, now());
        if (retried === 0) return kit.message(request, response, MESSAGES.notFound);
        await jobs.ask('copy-photos', {});
        return response.redirect(303, `/${kind}/${encodeURIComponent(id)}#${PHOTOS_SECTION}`);
      }),
    );
  }
}
