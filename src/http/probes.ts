import express, { type Router } from 'express';
import type { Auth } from './auth.ts';
import type { Health } from './health.ts';
import { problem } from './problem.ts';

export interface ProbeParts {
  health: Health;
  auth: Auth;
  publicUrl: string;
}

/** What other programs ask of a process: does it live, can it take and store, how is it doing. */
export function createProbes({ health, auth, publicUrl }: ProbeParts): Router {
  const router = express.Router();
  router.get('/healthz', health.healthz);
  router.get('/readyz', health.readyz);
  router.get('/metrics', async (request, response, next) => {
    const near = ['127.0.0.1', '::1', '::ffff:127.0.0.1'].includes(request.socket.remoteAddress ?? '');
    // A proxy on the same machine is near too, but says for whom it asks. A page of somebody else whose name leads to this machine
    // (DNS rebinding) makes a browser here ask, by that name.
    const byName = LOOPBACK.includes(request.hostname) || request.hostname === new URL(publicUrl).hostname;
    const direct = near && byName && !request.headers['x-forwarded-for'] && !request.headers.forwarded;
    if (direct || (await auth.viewerOf(request))?.account.owner) return health.metrics(request, response, next);
    return problem(
      response,
      401,
      'unauthorized',
      'Metrics are for this machine, or for the personal token of the owner.',
    );
  });
  return router;
}

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];
