import type { Request, RequestHandler, Response } from 'express';
import type { Config } from '../../config.ts';
import type { Connect } from '../../connect.ts';
import type { ConnectSource } from '../../connect-source.ts';
import type { Grounds } from '../../ground/grounds.ts';
import { statusOf } from '../../status.ts';
import type { AccountReader, AccountWriter } from '../../storage/accounts.ts';
import type { Lines } from '../../storage/lines.ts';
import type { PhotoVerbs, Pictures } from '../../storage/photos.ts';
import type { SessionReader, SessionWriter } from '../../storage/sessions.ts';
import type { Assets } from '../../web/assets.ts';
import type { Frame, RiderFrame } from '../../web/frame.ts';
import { messagePage, type Occasion } from '../../web/message.ts';
import { unitsNamed } from '../../web/units.ts';
import type { ApiParts } from '../api.ts';
import type { Viewer } from '../auth.ts';
import type { Events } from '../events.ts';
import { policyOf, policyText } from '../policy.ts';
import type { Speech } from './language.ts';
import { unitsUsualFor } from './locale.ts';
import { hasOtherSources } from './other-sources.ts';

export interface PageParts extends ApiParts {
  config: Config;
  assets: Assets;
  connect: Connect;
  connectSource: ConnectSource;
  accounts: AccountReader;
  accountWriter: Pick<AccountWriter, 'prefer'>;
  sessions: SessionReader;
  sessionWriter: SessionWriter;
  pictures: Pictures;
  photoVerbs: Pick<PhotoVerbs, 'retry'>;
  events: Events;
  grounds: Grounds;
  lines: Lines;
  speech: Speech;
}

/** What every route of a page needs: who looks, the frame around what they see, and the answer. */
export function createPageKit({ accounts, auth, assets, config, grounds, sources, speech, status, now }: PageParts) {
  const visitorFrame = (request: Request): Frame => ({
    assets,
    now: new Date(now()),
    units: unitsUsualFor(request),
    theme: '',
  });
  const frameOf = async ({ account }: Viewer, request: Request): Promise<RiderFrame> => ({
    ...visitorFrame(request),
    ...(account.preferences.units !== '' && { units: unitsNamed(account.preferences.units) }),
    theme: account.preferences.theme,
    ground: await grounds.chosen(account.preferences.mapStyle),
    rider: { account, sources: await hasSources(account), ...(await statusOf(status, account)) },
  });
  const viewerOf = async (request: Request): Promise<Viewer | undefined> => {
    const viewer = await auth.viewerOf(request);
    if (viewer) speech.prefer(viewer.account.preferences.language);
    return viewer;
  };
  const hasSources = async ({ owner }: Viewer['account']): Promise<boolean> =>
    owner && hasOtherSources(sources, await accounts.list());
  const send = (response: Response, html: string): void =>
    void response.set('cache-control', 'private, no-store').type('html').send(html);

  return {
    visitorFrame,
    frameOf,
    send,
    /** A page with a map on it: where the ground is somebody else's, the policy names what that one needs. */
    sendMap(response: Response, { ground }: Frame, html: string): void {
      if (ground?.kind === 'remote')
        response.set('content-security-policy', policyText(policyOf(config, grounds.origins())));
      send(response, html);
    },
    /** One of the occasions known beforehand, for whoever looks. */
    async message(request: Request, response: Response, message: Occasion): Promise<void> {
      const viewer = await viewerOf(request);
      const frame = viewer ? await frameOf(viewer, request) : visitorFrame(request);
      send(response.status(message.status), messagePage({ frame, message }));
    },
    /** For riders; others are led to the front page. */
    signedIn(handler: (viewer: Viewer, request: Request, response: Response) => Promise<unknown>): RequestHandler {
      return async (request, response) => {
        const viewer = await viewerOf(request);
        if (viewer) await handler(viewer, request, response);
        else response.redirect(303, '/');
      };
    },
  };
}

export type PageKit = ReturnType<typeof createPageKit>;
