import express, { type Request, type Response, type Router } from 'express';
import { z } from 'zod';
import type { Config } from '../config.ts';
import type { Connect } from '../connect.ts';
import { hashOf, newSecret } from '../seal.ts';
import { pinsOf } from '../sources/source.ts';
import { statusOf } from '../status.ts';
import type { AccountReader } from '../storage/accounts.ts';
import type { Items } from '../storage/items.ts';
import type { RideType } from '../storage/library.ts';
import type { SessionReader, SessionWriter } from '../storage/sessions.ts';
import type { Notification } from '../vocabulary.ts';
import type { Assets } from '../web/assets.ts';
import type { Frame, RiderFrame } from '../web/frame.ts';
import { itemPage } from '../web/item.ts';
import { landingPage } from '../web/landing.ts';
import { libraryPage } from '../web/library.ts';
import { readView, viewQuery } from '../web/library-view.ts';
import { MESSAGES, type Message, messagePage } from '../web/message.ts';
import { settingsPage } from '../web/settings.ts';
import { syncPage } from '../web/sync.ts';
import { type ApiParts, refOf, replay } from './api.ts';
import { cookieIn, sameOriginOnly, type Viewer } from './auth.ts';
import type { Events } from './events.ts';

export interface PageParts extends ApiParts {
  config: Config;
  assets: Assets;
  connect: Connect;
  items: Items;
  /** The two verbs of `items` that write, by way of a worker. */
  itemVerbs: Pick<Items, 'confirmHeld' | 'releaseHeld'>;
  accounts: AccountReader;
  sessions: SessionReader;
  sessionWriter: SessionWriter;
  events: Events;
}

const CONNECT_COOKIE = 'slipstream_connect';
const KINDS: Record<string, RideType> = { routes: 'route', trips: 'trip' };

const text = z.string().trim().min(1).max(80);
const optional = z.string().max(2_000).optional().catch(undefined);

/** The pages: each route reads what its page shows, and hands it over. */
export function createPages(parts: PageParts): Router {
  const { auth, config, assets, connect, library, pool, inbox, items, sessions, sessionWriter, events, now } = parts;
  const addresses = { redirectUrl: connect.redirectUri, webhookUrl: `${config.publicUrl}/webhooks/ridewithgps` };
  const router = express.Router();
  const form = express.urlencoded({ extended: false, limit: '10kb' });
  const here = `/connect/ridewithgps`;

  const visitorFrame = (): Frame => ({ assets, now: new Date(now()) });
  const frameOf = async ({ account }: Viewer): Promise<RiderFrame> => ({
    ...visitorFrame(),
    rider: { account, ...(await statusOf(parts.status, account)) },
  });
  const page = (response: Response, html: string) =>
    response.set('cache-control', 'private, no-store').type('html').send(html);
  async function message(request: Request, response: Response, which: Message): Promise<void> {
    const viewer = await auth.viewerOf(request);
    const frame = viewer ? await frameOf(viewer) : visitorFrame();
    page(response.status(which.status), messagePage({ frame, message: which }));
  }

  type Handler = (viewer: Viewer, request: Request, response: Response) => Promise<unknown>;
  const signedIn = (handler: Handler) => async (request: Request, response: Response) => {
    const viewer = await auth.viewerOf(request);
    if (viewer) await handler(viewer, request, response);
    else response.redirect(303, '/');
  };

  router.use(sameOriginOnly(config.publicUrl, (request, response) => message(request, response, MESSAGES.notFromHere)));

  router.get('/', async (request, response) => {
    if (await auth.viewerOf(request)) return response.redirect(303, '/library');
    return landing(response, false);
  });

  async function landing(response: Response, wrongCode: boolean): Promise<unknown> {
    const firstRun = (await parts.accounts.list()).length === 0 ? addresses : undefined;
    const html = landingPage({ frame: visitorFrame(), door: await connect.door(), wrongCode, firstRun });
    return page(response.status(wrongCode ? 403 : 200), html);
  }

  router.get(here, async (request, response) => {
    const begun = await connect.begin(optional.parse(request.query.setup_code));
    if (!begun.ok) return landing(response, begun.why === 'wrong-code');
    response.cookie(CONNECT_COOKIE, begun.cookie, { ...auth.cookieOptions, path: here, maxAge: 600_000 });
    return response.redirect(303, begun.url);
  });

  router.get(`${here}/callback`, async (request, response) => {
    const [code, state, error] = ['code', 'state', 'error'].map((name) => optional.parse(request.query[name]));
    const cookie = cookieIn(request, CONNECT_COOKIE);
    response.clearCookie(CONNECT_COOKIE, { ...auth.cookieOptions, path: here });
    const query = { ...(code && { code }), ...(state && { state }), ...(error && { error }) };
    const completed = await connect.complete(query, cookie);
    if (!completed.ok) return message(request, response, NOT_CONNECTED[completed.why]);
    await auth.signIn(request, response, completed.account);
    return response.redirect(303, '/sync');
  });

  router.get('/login/:secret', async (request, response) => {
    const accountId = await sessionWriter.useLoginLink(hashOf(request.params.secret), now());
    const account = accountId === undefined ? undefined : await parts.accounts.byId(accountId);
    if (!account) return message(request, response, MESSAGES.loginLinkUsed);
    await auth.signIn(request, response, account);
    return response.redirect(303, '/library');
  });

  router.post('/sign-out', async (request, response) => {
    await auth.signOut(request, response);
    response.redirect(303, '/');
  });

  router.post(
    '/disconnect',
    form,
    signedIn(async ({ account }, request, response) => {
      const data = z.object({ data: z.literal(['keep', 'erase']) }).safeParse(request.body);
      if (!data.success) return message(request, response, MESSAGES.notFound);
      await connect.disconnect(account, data.data.data);
      if (data.data.data === 'erase') await auth.signOut(request, response);
      response.redirect(303, data.data.data === 'erase' ? '/' : '/sync');
    }),
  );

  router.get(
    '/library',
    signedIn(async (viewer, request, response) => {
      const view = readView(new URL(request.originalUrl, config.publicUrl).searchParams);
      const { account } = viewer;
      const [found, counts] = [await library.list(account.id, viewQuery(view)), await library.count(account.id)];
      page(response, libraryPage({ frame: await frameOf(viewer), view, page: found, counts }));
    }),
  );

  router.get('/:kind/:id', (request, response, next) => {
    const type = KINDS[request.params.kind];
    if (!type) return next();
    return signedIn(async (viewer) => {
      const { id } = request.params;
      const { account } = viewer;
      const item = await library.find(account.id, type, id);
      const body = item && (await pool.file({ accountId: account.id, type, id, format: 'details' }));
      if (!item || !body) return message(request, response, MESSAGES.notFound);
      const providerUrl = `${config.ridewithgps.baseUrl}/${request.params.kind}/${id}`;
      page(
        response,
        itemPage({ frame: await frameOf(viewer), item, body: JSON.parse(Buffer.from(body).toString()), providerUrl }),
      );
    })(request, response);
  });

  router.get('/:kind/:id/track.json', (request, response, next) => {
    const type = KINDS[request.params.kind];
    if (!type) return next();
    return signedIn(async ({ account }) => {
      const track = await pool.file({ accountId: account.id, type, id: request.params.id, format: 'track' });
      if (!track) return message(request, response, MESSAGES.notFound);
      response.set('cache-control', 'private, no-cache').type('application/json').send(Buffer.from(track));
    })(request, response);
  });

  router.get(
    '/sync',
    signedIn(async (viewer, _request, response) => {
      const frame = await frameOf(viewer);
      const deadLetters = await inbox.deadLetters(refOf(viewer), viewer.account.owner);
      const heldDeletions = await items.held(viewer.account.id);
      const schedule = { reconcile: config.reconcileCron ?? 'off', audit: config.auditCron ?? 'off' };
      page(response, syncPage({ frame, deadLetters, heldDeletions, schedule }));
    }),
  );

  router.get(
    '/sync/events',
    signedIn(async ({ account }, _request, response) => {
      const { id, user_id } = account;
      await events.stream(response, user_id, async () => {
        const fresh = await parts.accounts.byId(id);
        if (!fresh) return { accounts: [], queue: { pending: 0, active: 0, parked: 0, dead: 0 } };
        const { sync, queue } = await statusOf(parts.status, fresh);
        return { accounts: [sync], queue };
      });
    }),
  );

  router.post(
    '/sync/reconcile',
    signedIn(async (viewer, _request, response) => {
      void parts.reconciler.reconcile(refOf(viewer));
      response.redirect(303, '/sync');
    }),
  );

  router.post(
    '/sync/audit',
    signedIn(async (viewer, _request, response) => {
      void parts.auditor.audit(refOf(viewer));
      response.redirect(303, '/sync');
    }),
  );

  router.post(
    '/sync/deletions/confirm',
    signedIn(async ({ account }, _request, response) => {
      await parts.itemVerbs.confirmHeld(account.id, now());
      response.redirect(303, '/sync');
    }),
  );

  router.post(
    '/sync/deletions/refuse',
    signedIn(async (viewer, _request, response) => {
      const released = await parts.itemVerbs.releaseHeld(viewer.account.id);
      const ref = refOf(viewer);
      const again = released.map(({ type, id }): Notification => asked({ ...ref, type, id }, now()));
      await inbox.enqueue([...again, asked(pinsOf(ref), now())]);
      parts.dispatcher.wake();
      response.redirect(303, '/sync');
    }),
  );

  router.post(
    '/dead-letters/:id/replay',
    signedIn(async (viewer, request, response) => {
      await replay(parts, viewer, Number(request.params.id));
      response.redirect(303, '/sync');
    }),
  );

  router.get(
    '/settings',
    signedIn(async (viewer, _request, response) => settings(viewer, response)),
  );

  router.post(
    '/settings/tokens',
    form,
    signedIn(async (viewer, request, response) => {
      const { data } = z.object({ name: text }).safeParse(request.body);
      if (!data) return settings(viewer, response);
      const token = newSecret();
      await sessionWriter.addToken(viewer.account.id, data.name, hashOf(token), now());
      await settings(viewer, response, { name: data.name, token });
    }),
  );

  router.post(
    '/settings/tokens/:id/revoke',
    signedIn(async ({ account }, request, response) => {
      await sessionWriter.revokeToken(account.id, Number(request.params.id));
      response.redirect(303, '/settings');
    }),
  );

  async function settings(
    viewer: Viewer,
    response: Response,
    newToken?: { name: string; token: string },
  ): Promise<void> {
    const tokens = (await sessions.tokens(viewer.account.id)).map((token) => ({ ...token, lastUsedAt: null }));
    page(response, settingsPage({ frame: await frameOf(viewer), tokens, newToken, addresses }));
  }

  router.use((request, response) => message(request, response, MESSAGES.notFound));
  return router;
}

const NOT_CONNECTED = {
  refused: MESSAGES.refused,
  forged: MESSAGES.stateUsed,
  used: MESSAGES.stateUsed,
  closed: MESSAGES.signUpClosed,
  unreachable: MESSAGES.connectFailed,
} as const;

const asked = (key: Notification['key'], learntAt: number): Notification => ({
  key,
  origin: 'person',
  action: 'asked for',
  learntAt,
  announcesDeletion: false,
});
