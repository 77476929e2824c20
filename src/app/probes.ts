import express from 'express';
import { createAuth } from '../http/auth.ts';
import { listenOnPort } from '../http/listen.ts';
import { createProbes } from '../http/probes.ts';
import type { Verbs } from '../storage/store.ts';
import type { Foundations } from './foundations.ts';

/** A process that only works is looked after like the others, at its own port. @returns where. */
export async function listenForProbes(
  { config, health, accounts, sessions, now }: Foundations,
  verbs: Pick<Verbs, 'sessions'>,
  opened: AsyncDisposableStack,
): Promise<string> {
  const { publicUrl, port, host } = config;
  const auth = createAuth({
    accounts,
    sessions,
    sessionWriter: verbs.sessions,
    publicUrl,
    isControl: () => false,
    now,
  });
  const app = express();
  app.disable('x-powered-by');
  app.use(createProbes({ health, auth, publicUrl }));
  const listening = opened.adopt(await listenOnPort(app, port, host), (each) => each.close());
  return listening.url;
}
