import type { Request, Response, Router } from 'express';
import { z } from 'zod';
import type { Connect } from '../connect.ts';
import type { ConnectSource } from '../connect-source.ts';
import type { Receiver } from '../receive.ts';
import { addressAt, webhookUrl } from '../source-status.ts';
import { canCatchUp, type Source } from '../sources/source.ts';
import type { AccountReader } from '../storage/accounts.ts';
import { RIDERS, SOURCE_TITLES, SOURCES, type SourceName } from '../vocabulary.ts';
import { NotTheProvider, ProviderDown, RateLimited, TooLarge, Unacceptable, Unauthorized } from './errors.ts';
import { problem } from './problem.ts';

export interface ControlSourcesParts {
  accounts: Pick<AccountReader, 'find'>;
  sources: ReadonlyMap<SourceName, Source>;
  connect: Pick<Connect, 'disconnect'>;
  connectSource: Pick<ConnectSource, 'store'>;
  receiver: Pick<Receiver, 'setUp' | 'settingUpUntil'>;
  publicUrl: string;
}

/** What the operator gives on the command line, by the names of the options. */
const given = z.record(z.string().regex(/^[a-z-]{1,40}$/), z.string().max(10_000));
const settingUp = z.object({ minutes: z.int().min(1).max(120) });
const leaving = z.object({ data: z.enum(['keep', 'erase']) });

/** Accounts of sources where nobody signs in, and setting such a source up: for the operator. */
export function addSourceControl(router: Router, parts: ControlSourcesParts): void {
  const { accounts, sources, connect, connectSource, receiver, publicUrl } = parts;

  router.post('/sources/:source/accounts', async (request, response) => {
    const source = sourceIn(request, response);
    if (!source) return;
    const { data } = given.safeParse(request.body);
    if (!data) return void problem(response, 400, 'bad_request', 'The options of an account are names and texts.');
    if (!source.enrol) return void problem(response, 409, 'not_added_so', addedOtherwise(source));
    try {
      const account = await connectSource.store(source.name, await source.enrol(data));
      const ref = { source: source.name, account: account.user_id };
      response.status(201).json({
        ...ref,
        name: account.name,
        // The secret in it is shown to the operator, who has to register it.
        webhook_url: webhookUrl(publicUrl, source, ref),
        catches_up: canCatchUp(source),
      });
    } catch (error) {
      const answer = refusalOf(source, error);
      if (!answer) throw error;
      problem(response, answer.status, answer.code, answer.sentence);
    }
  });

  router.post('/sources/:source/accounts/:account/leave', async (request, response) => {
    const source = sourceIn(request, response);
    if (!source) return;
    const title = SOURCE_TITLES[source.name];
    const { data: choice } = leaving.safeParse(request.body);
    if (!choice) return void problem(response, 400, 'bad_request', 'Say whether to keep or to erase what was copied.');
    const account = await accounts.find({ source: source.name, account: String(request.params.account) });
    if (!account || source.name === RIDERS)
      return void problem(response, 404, 'no_account', `There is no such account of ${title}.`);
    await connect.disconnect(account, choice.data);
    response.json({ account: account.user_id, ...choice });
  });

  router.post('/sources/:source/set-up', async (request, response) => {
    const source = sourceIn(request, response);
    if (!source) return;
    const { data } = settingUp.safeParse(request.body);
    if (!data) return void problem(response, 400, 'bad_request', 'Setting up takes from 1 to 120 minutes.');
    if (!source.handshake) return void problem(response, 409, 'no_handshake', noHandshake(source));
    await receiver.setUp(source.name, data.minutes * 60_000);
    const until = receiver.settingUpUntil(source.name) ?? 0;
    response.json({ until: new Date(until).toISOString(), webhook_url: addressAt(publicUrl, source) });
  });

  function sourceIn(request: Request, response: Response): Source | undefined {
    const source = sources.get(request.params.source as SourceName);
    if (!source) problem(response, 404, 'not_configured', notConfigured(String(request.params.source)));
    return source;
  }
}

function notConfigured(name: string): string {
  const known = SOURCES.find((each) => each === name);
  return known
    ? `${SOURCE_TITLES[known]} is off: set its variables (.env.example explains each), then start Slipstream again.`
    : `There is no source of that name. There are: ${SOURCES.join(', ')}.`;
}

function addedOtherwise({ name, ownAccount }: Source): string {
  const title = SOURCE_TITLES[name];
  return ownAccount
    ? `${title} has one account here, and the environment configures it. There is nothing to add.`
    : `Accounts of ${title} connect in the browser: open Slipstream and press Connect.`;
}

const noHandshake = ({ name }: Source): string =>
  `${SOURCE_TITLES[name]} asks for no handshake: its webhook can be registered at any time.`;

/** What to tell the operator of an account that could not be added; undefined: a fault of our own. */
function refusalOf({ name }: Source, error: unknown): { status: number; code: string; sentence: string } | undefined {
  const title = SOURCE_TITLES[name];
  if (error instanceof Unacceptable) return { status: 422, code: 'unacceptable', sentence: error.message };
  if (error instanceof Unauthorized)
    return { status: 422, code: 'unauthorized', sentence: `${title} refuses this token. Nothing was stored.` };
  if (error instanceof RateLimited)
    return { status: 503, code: 'rate_limited', sentence: `${title} asked us to slow down. Try again in a minute.` };
  if (error instanceof ProviderDown || error instanceof NotTheProvider || error instanceof TooLarge)
    return {
      status: 502,
      code: 'unreachable',
      sentence: `${title} could not be asked: ${error.message} Nothing was stored.`,
    };
  return undefined;
}
