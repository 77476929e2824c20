import express, { type Router } from 'express';
import { MESSAGES } from '../../web/message.ts';
import { sameOriginOnly } from '../auth.ts';
import { addConnectSource } from './connect-source.ts';
import { addDoor } from './door.ts';
import { addGround } from './ground.ts';
import { addHistory } from './history.ts';
import { addLibrary } from './library.ts';
import { addMap } from './map.ts';
import { createPageKit, type PageParts } from './page.ts';
import { addPhotos } from './photos.ts';
import { addSettings } from './settings.ts';
import { addSourcePages } from './sources.ts';
import { addStatisticsPage } from './statistics.ts';
import { addSync } from './sync.ts';
import { addWhy } from './why.ts';

/** The pages: each route reads what its page shows, and hands it over. */
export function createPages(parts: PageParts): Router {
  const { publicUrl } = parts.config;
  const kit = createPageKit(parts);
  const addresses = { redirectUrl: parts.connect.redirectUri, webhookUrl: `${publicUrl}/webhooks/ridewithgps` };
  const router = express.Router();

  router.use(sameOriginOnly(publicUrl, (request, response) => kit.message(request, response, MESSAGES.notFromHere)));
  addDoor(router, parts, kit, addresses);
  addConnectSource(router, parts, kit);
  addLibrary(router, parts, kit);
  addHistory(router, parts, kit);
  addWhy(router, parts, kit);
  addSourcePages(router, parts, kit);
  addStatisticsPage(router, parts, kit);
  addPhotos(router, parts, kit);
  addGround(router, parts, kit);
  addMap(router, parts, kit);
  addSync(router, parts, kit);
  addSettings(router, parts, kit, addresses);
  router.use((request, response) => kit.message(request, response, MESSAGES.notFound));
  return router;
}
