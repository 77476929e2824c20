import { json, type Request, type Response, type Router, urlencoded } from 'express';
import { z } from 'zod';
import { hashOf } from '../../seal.ts';
import { landingPage } from '../../web/landing.ts';
import { MESSAGES } from '../../web/message.ts';
import type { ProviderAddresses } from '../../web/provider-addresses.ts';
import { cookieIn } from '../auth.ts';
import type { PageKit, PageParts } from './page.ts';

const CONNECT = '/connect/ridewithgps';
const COOKIE_LIVES_MS = 600_000;

const optional = z.string().max(2_000).optional().catch(undefined);
const leaving = z.object({ data: z.literal(['keep', 'erase']) });

/** Coming in and leaving: the front page, OAuth, login links, sign-out, disconnecting. */
export function addDoor(router: Router, parts: PageParts, kit: PageKit, addresses: ProviderAddresses): void {
  const { auth, accounts, connect, sessionWriter, now } = parts;
  const connectCookie = auth.named('slipstream_connect');

  router.get('/', async (request, response) => {
    if (await auth.viewerOf(request)) return response.redirect(303, '/library');
    return landing(request, response, 200);
  });

  router.get(CONNECT, async (request, response) => {
    const begun = await connect.begin(optional.parse(request.query.setup_code));
    if (!begun.ok) return landing(request, response, begun.why === 'wrong-code' ? 403 : 200);
    response.cookie(connectCookie, begun.cookie, { ...auth.cookieOptions, maxAge: COOKIE_LIVES_MS });
    return response.redirect(303, begun.url);
  });

  async function landing(request: Request, response: Response, status: 200 | 403): Promise<void> {
    const firstRun = (await accounts.riders()).length === 0 ? addresses : undefined;
    const sessionOver = auth.hasSessionCookie(request) && !firstRun;
    const door = await connect.door();
    const data = { frame: kit.visitorFrame(request), door, wrongCode: status === 403, sessionOver, firstRun };
    kit.send(response.status(status), landingPage(data));
  }

  router.get(`${CONNECT}/callback`, async (request, response) => {
    const [code, state, error] = ['code', 'state', 'error'].map((name) => optional.parse(request.query[name]));
    const cookie = cookieIn(request, connectCookie);
    response.clearCookie(connectCookie, auth.cookieOptions);
    const completed = await connect.complete({ code, state, error }, cookie);
    if (!completed.ok) return kit.message(request, response, NOT_CONNECTED[completed.why]);
    await auth.signIn(request, response, completed.account);
    return response.redirect(303, '/sync');
  });

  router.get('/login/:secret', async (request, response) => {
    const accountId = await sessionWriter.useLoginLink(hashOf(request.params.secret), now());
    const account = accountId === undefined ? undefined : await accounts.byId(accountId);
    if (!account) return kit.message(request, response, MESSAGES.loginLinkUsed);
    await auth.signIn(request, response, account);
    return response.redirect(303, '/library');
  });

  router.post('/sign-out', async (request, response) => {
    await auth.signOut(request, response);
    response.redirect(303, '/');
  });

  router.post(
    '/disconnect',
    urlencoded({ extended: false, limit: '1kb' }),
    json({ limit: '1kb' }),
    kit.signedIn(async ({ account }, request, response) => {
      const { data: choice } = leaving.safeParse(request.body);
      if (!choice) return kit.message(request, response, MESSAGES.badRequest);
      await connect.disconnect(account, choice.data);
      if (choice.data === 'keep') return response.redirect(303, '/sync');
      await auth.signOut(request, response);
      return response.redirect(303, '/');
    }),
  );
}

const NOT_CONNECTED = {
  refused: MESSAGES.refused,
  forged: MESSAGES.stateUsed,
  used: MESSAGES.stateUsed,
  closed: MESSAGES.signUpClosed,
  unreachable: MESSAGES.connectFailed,
} as const;
