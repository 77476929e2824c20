import type { Request, RequestHandler, Response } from 'express';
import type { Config } from '../../config.ts';
import type { Connect } from '../../connect.ts';
import type { Pool } from '../../pool.ts';
import { statusOf } from '../../status.ts';
import type { AccountReader } from '../../storage/accounts.ts';
import type { Lines } from '../../storage/lines.ts';
import type { SessionReader, SessionWriter } from '../../storage/sessions.ts';
import type { Assets } from '../../web/assets.ts';
import type { Frame, RiderFrame } from '../../web/frame.ts';
import { type Message, messagePage } from '../../web/message.ts';
import { unitsNamed } from '../../web/units.ts';
import type { ApiParts } from '../api.ts';
import type { Viewer } from '../auth.ts';
import type { Events } from '../events.ts';
import { unitsUsualFor } from './locale.ts';

export interface PageParts extends ApiParts {
  config: Config;
  assets: Assets;
  connect: Connect;
  accounts: AccountReader;
  sessions: SessionReader;
  sessionWriter: SessionWriter;
  events: Events;
  lines: Lines;
  pool: Pick<Pool, 'file' | 'tile'>;
}

/** What every route of a page needs: who looks, the frame around what they see, and the answer. */
export function createPageKit({ auth, assets, status, now }: PageParts) {
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
    rider: { account, ...(await statusOf(status, account)) },
  });
  const send = (response: Response, html: string): void =>
    void response.set('cache-control', 'private, no-store').type('html').send(html);

  return {
    visitorFrame,
    frameOf,
    send,
    /** One of the occasions known beforehand, for whoever looks. */
    async message(request: Request, response: Response, message: Message): Promise<void> {
      const viewer = await auth.viewerOf(request);
      const frame = viewer ? await frameOf(viewer, request) : visitorFrame(request);
      send(response.status(message.status), messagePage({ frame, message }));
    },
    /** For riders; others are led to the front page. */
    signedIn(handler: (viewer: Viewer, request: Request, response: Response) => Promise<unknown>): RequestHandler {
      return async (request, response) => {
        const viewer = await auth.viewerOf(request);
        if (viewer) await handler(viewer, request, response);
        else response.redirect(303, '/');
      };
    },
  };
}

export type PageKit = ReturnType<typeof createPageKit>;
