import { isObject } from '../element.ts';
import { changesOf, everythingOf, type Parsed, type Reading } from '../source.ts';
import { isAccount } from './endpoint.ts';

const MOST_ACTION = 80;

/**
 * Whatever it is, as long as it is JSON: it says which kind of thing changed and never what, so it is no more than "ask".
 *
 * Known from the provider's guide on webhooks and its public source (open-pryv.io): `eventsChanged`, `streamsChanged`,
 * `accessesChanged`, `test`, `webhooksServiceBoot`, names of scopes that users choose, and `null` where a message that was put off is
 * sent again. `meta.apiVersion` and `meta.serial` are left out for a webhook that was made while the provider ran.
 */
export function parse(body: Buffer): Parsed {
  try {
    return { ok: true, value: JSON.parse(body.toString('utf8')) };
  } catch {
    const sentence =
      'A webhook came to a Pryv account’s own address but is not valid JSON. It is kept; the next reconciliation finds what it announced. Replay it after an update of Slipstream.';
    return { ok: false, problem: { code: 'not-json', sentence } };
  }
}

/** Exactly one notification a delivery. */
export function read(value: unknown, learntAt: number, client: string): Reading {
  if (!isAccount(client)) return { notifications: [], rejections: [{ problem: NO_ACCOUNT, evidence: '' }] };
  const ref = { source: 'pryv', account: client } as const;
  const messages = messagesIn(value);
  // It was down, and whatever changed meanwhile was announced to nobody.
  const key = messages.includes('webhooksServiceBoot') ? everythingOf(ref) : changesOf(ref);
  const notification = {
    key,
    origin: 'webhook',
    action: actionOf(messages),
    learntAt,
    announcesDeletion: false,
  } as const;
  return { notifications: [notification], rejections: [] };
}

const messagesIn = (value: unknown): unknown[] =>
  isObject(value) && Array.isArray(value.messages) ? value.messages : [];

/** Somebody else's words: short, and nothing in them that a terminal would obey. */
function actionOf(messages: unknown[]): string {
  const words = messages.slice(0, 10).filter((message) => typeof message === 'string' && message !== '');
  const action = words
    .join(', ')
    .slice(0, MOST_ACTION)
    .replace(/\p{Cc}/gu, '\uFFFD');
  return action || 'changed';
}

const NO_ACCOUNT = {
  code: 'no-account',
  sentence:
    'A webhook of Pryv was kept without the account it came for, so nobody can be asked. The next reconciliation of each account finds what it announced. Nothing needs to be done: dismiss it.',
};

/** A file's `readToken` opens that file for whoever has it, and the list of webhooks has our own address in it. */
export const withoutSecret = (text: string): string =>
  text.replace(/("(?:readToken|token)"\s*:\s*")[^"]+/g, '$1…').replace(/([?&]secret=)[\w%-]+/g, '$1…');
