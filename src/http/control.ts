import express, { type Router } from 'express';
import { z } from 'zod';
import { hashOf, newSecret } from '../seal.ts';
import type { SessionWriter } from '../storage/sessions.ts';
import type { Auth } from './auth.ts';
import { addSourceControl, type ControlSourcesParts } from './control-sources.ts';
import { notFound, problem } from './problem.ts';
import { rowIdIn } from './row-id.ts';

const LINK_LIVES_MS = 15 * 60_000;

export interface ControlParts extends ControlSourcesParts {
  auth: Auth;
  sessionWriter: SessionWriter;
  publicUrl: string;
  now: () => number;
}

/** What only the operator may ask for, over `DATA_DIR/control.sock`. */
export function createControl(parts: ControlParts): Router {
  const { auth, sessionWriter, publicUrl, now } = parts;
  const router = express.Router();
  router.use(express.json({ limit: '10kb' }));
  router.use((request, response, next) => (auth.isControl(request) ? next() : notFound(request, response, next)));
  addSourceControl(router, parts);
  router.use(async (request, response, next) => {
    const viewer = await auth.viewerOf(request);
    if (!viewer) return notFound(request, response, next);
    response.locals.account = viewer.account.id;
    return next();
  });

  router.post('/login-links', async (_request, response) => {
    const secret = newSecret();
    await sessionWriter.addLoginLink(hashOf(secret), response.locals.account, now() + LINK_LIVES_MS);
    response
      .status(201)
      .json({ url: `${publicUrl}/login/${secret}`, expires_at: new Date(now() + LINK_LIVES_MS).toISOString() });
  });

  router.post('/tokens', async (request, response) => {
    const { data } = z.object({ name: z.string().trim().min(1).max(80) }).safeParse(request.body);
    if (!data) return problem(response, 400, 'no_name', 'A token needs a name, so that you know later what it is for.');
    const token = newSecret();
    const { id, name } = await sessionWriter.addToken(response.locals.account, data.name, hashOf(token), now());
    return response.status(201).json({ id, name, token });
  });

  router.delete('/tokens/:id', async (request, response) => {
    const revoked = await sessionWriter.revokeToken(response.locals.account, rowIdIn(request.params.id));
    return revoked ? response.status(204).end() : notFound(request, response, () => {});
  });

  return router;
}
