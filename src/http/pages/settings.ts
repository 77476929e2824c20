import { type Request, type Response, type Router, urlencoded } from 'express';
import { z } from 'zod';
import { hashOf, newSecret } from '../../seal.ts';
import { MAP_STYLES, THEMES, UNITS } from '../../storage/preferences.ts';
import { MESSAGES } from '../../web/message.ts';
import type { ProviderAddresses } from '../../web/provider-addresses.ts';
import { settingsPage } from '../../web/settings.ts';
import { refOf, type Viewer } from '../auth.ts';
import { rowIdIn } from '../row-id.ts';
import type { PageKit, PageParts } from './page.ts';

const naming = z.object({ name: z.string().trim().min(1).max(80) });

/** Settings: how the pages look, personal tokens, and what the other pages offer forms for. */
export function addSettings(router: Router, parts: PageParts, kit: PageKit, addresses: ProviderAddresses): void {
  const { accountWriter, config, sessions, sessionWriter, now } = parts;
  const { languages } = parts.speech;
  const preferring = z.object({
    units: z.literal(UNITS),
    theme: z.literal(THEMES),
    // Not asked for where there is nothing to choose.
    mapStyle: z.literal(MAP_STYLES).optional(),
    language: z.literal(['', ...languages.map(({ tag }) => tag)]).optional(),
  });
  const maps = [
    ...(config.mapTiles ? (['streets'] as const) : []),
    ...(config.mapStyleUrl ? (['remote'] as const) : []),
  ];

  router.get(
    '/settings',
    kit.signedIn(async (viewer, request, response) => show(viewer, request, response)),
  );

  router.post(
    '/settings/preferences',
    urlencoded({ extended: false, limit: '1kb' }),
    kit.signedIn(async (viewer, request, response) => {
      const { data } = preferring.safeParse(request.body);
      if (!data) return kit.message(request, response, MESSAGES.badRequest);
      const { mapStyle, language } = viewer.account.preferences;
      await accountWriter.prefer(refOf(viewer), {
        ...data,
        mapStyle: data.mapStyle ?? mapStyle,
        language: data.language ?? language,
      });
      return response.redirect(303, '/settings');
    }),
  );

  router.post(
    '/settings/tokens',
    urlencoded({ extended: false, limit: '10kb' }),
    kit.signedIn(async (viewer, request, response) => {
      const { data } = naming.safeParse(request.body);
      if (!data) return show(viewer, request, response);
      const token = newSecret();
      await sessionWriter.addToken(viewer.account.id, data.name, hashOf(token), now());
      return show(viewer, request, response, { name: data.name, token });
    }),
  );

  router.post(
    '/settings/tokens/:id/revoke',
    kit.signedIn(async ({ account }, request, response) => {
      const revoked = await sessionWriter.revokeToken(account.id, rowIdIn(request.params.id));
      if (!revoked) return kit.message(request, response, MESSAGES.notFound);
      return response.redirect(303, '/settings');
    }),
  );

  /** `newToken` is shown in this one answer. */
  async function show(
    viewer: Viewer,
    request: Request,
    response: Response,
    newToken?: { name: string; token: string },
  ): Promise<void> {
    const tokens = await sessions.tokens(viewer.account.id);
    const frame = await kit.frameOf(viewer, request);
    kit.send(response, settingsPage({ frame, tokens, newToken, addresses, maps, languages }));
  }
}
