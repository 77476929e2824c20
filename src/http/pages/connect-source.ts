import type { Router } from 'express';
import { z } from 'zod';
import { SOURCES } from '../../vocabulary.ts';
import { MESSAGES } from '../../web/message.ts';
import { sourceNotConnected } from '../../web/source-not-connected.ts';
import { cookieIn } from '../auth.ts';
import type { PageKit, PageParts } from './page.ts';

const COOKIE_LIVES_MS = 600_000;

const named = z.literal(SOURCES);
const optional = z.string().max(2_000).optional().catch(undefined);

/** Connecting an account of another source in the browser: for the owner of the installation, and for nobody else. */
export function addConnectSource(router: Router, parts: PageParts, kit: PageKit): void {
  const { auth, connectSource } = parts;
  const stateCookie = auth.named('slipstream_connect_source');

  router.get(
    '/connect/:source',
    kit.signedIn(async ({ account }, request, response) => {
      const { data: source } = named.safeParse(request.params.source);
      const begun = source && account.owner ? connectSource.begin(source, account) : undefined;
      if (!begun) return kit.message(request, response, MESSAGES.notFound);
      response.cookie(stateCookie, begun.cookie, { ...auth.cookieOptions, maxAge: COOKIE_LIVES_MS });
      return response.redirect(303, begun.url);
    }),
  );

  router.get(
    '/connect/:source/callback',
    kit.signedIn(async ({ account }, request, response) => {
      const { data: source } = named.safeParse(request.params.source);
      if (!source || !account.owner) return kit.message(request, response, MESSAGES.notFound);
      const [code, state, error] = ['code', 'state', 'error'].map((name) => optional.parse(request.query[name]));
      const cookie = cookieIn(request, stateCookie);
      response.clearCookie(stateCookie, auth.cookieOptions);
      const completed = await connectSource.complete(source, account, { code, state, error }, cookie);
      if (!completed.ok) return kit.message(request, response, sourceNotConnected(source, completed.why));
      return response.redirect(303, `/sources/${source}`);
    }),
  );
}
