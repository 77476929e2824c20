import { join } from 'node:path';
import express, { type ErrorRequestHandler, type Express } from 'express';
import helmet from 'helmet';
import type { Config } from '../config.ts';
import { isStorageError } from '../storage/failure.ts';
import { CLIENT_DIRECTORY } from '../web/assets.ts';
import { MESSAGES, messagePage } from '../web/message.ts';
import { createApi } from './api.ts';
import { createControl } from './control.ts';
import { createPages } from './pages/index.ts';
import { unitsUsualFor } from './pages/locale.ts';
import type { PageParts } from './pages/page.ts';
import { policyOf } from './policy.ts';
import { createProbes, type ProbeParts } from './probes.ts';
import { notFound, problem } from './problem.ts';
import { noWebhook, type WebhookParts, webhookHandler } from './webhooks.ts';

const RETRY_AFTER_S = 10;

export interface ServerParts extends PageParts, WebhookParts, ProbeParts {
  onError: (error: unknown) => void;
}

/** All that is answered over HTTP. Webhooks come first: an acknowledgement passes through nothing that it does not need. */
export function createServer(parts: ServerParts): Express {
  const { config, assets, speech, now, onError } = parts;
  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', config.trustProxy);
  app.set('etag', false);

  app.all('/webhooks/:source{/:account}', webhookHandler(parts));
  app.use('/webhooks', noWebhook);
  app.use(createProbes(parts));
  app.use(securityHeaders(config));
  app.use('/assets', express.static(join(CLIENT_DIRECTORY, 'assets'), { immutable: true, maxAge: '1y', index: false }));
  app.use('/texts', speech.texts);
  app.use('/control', createControl(parts));
  app.use('/api/v1', createApi(parts));
  app.use('/api', notFound);
  app.use(speech.begin, createPages(parts));

  const failed: ErrorRequestHandler = (error, request, response, next) => {
    const status = statusOf(error);
    // Anybody can send what nobody understands: logging it would let them fill the disk.
    if (status >= 500) onError(error);
    if (response.headersSent) return next(error);
    // An address that cannot even be read is the address of no source.
    if (status < 500 && request.path.startsWith('/webhooks/')) return noWebhook(request, response, next);
    if (status === 503) response.setHeader('retry-after', RETRY_AFTER_S);
    const wantsJson = /^\/(api|webhooks|control)\//.test(request.path);
    if (wantsJson && status < 500)
      return problem(response, status, 'bad_request', 'The request could not be understood. Nothing was changed.');
    if (wantsJson && status === 503)
      return problem(
        response,
        status,
        'storage_away',
        'What is stored cannot be reached at the moment. Ask again soon.',
      );
    if (wantsJson)
      return problem(response, status, 'failed', 'Something went wrong here; the log says what. Nothing was changed.');
    const message =
      status < 500 ? { ...MESSAGES.badRequest, status } : MESSAGES[status === 503 ? 'storageAway' : 'serverError'];
    return response
      .status(status)
      .type('html')
      .send(
        messagePage({ frame: { assets, now: new Date(now()), units: unitsUsualFor(request), theme: '' }, message }),
      );
  };
  app.use(failed);
  return app;
}

/** Express and its parsers mark what the client did wrong. What is away with the disk or the database is there a little later. */
function statusOf(error: unknown): number {
  if (isStorageError(error)) return 503;
  const status = typeof error === 'object' && error !== null && 'status' in error ? Number(error.status) : 500;
  return status >= 400 && status < 500 ? status : 500;
}

function securityHeaders(config: Config) {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: policyOf(config),
    },
    strictTransportSecurity: config.publicUrl.startsWith('https:'),
    referrerPolicy: { policy: 'same-origin' },
    xFrameOptions: { action: 'deny' },
  });
}
