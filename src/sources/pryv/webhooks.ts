import { isObject } from '../element.ts';
import type { Credentials, Revival } from '../source.ts';
import { type Ask, type Reply, refused } from './ask.ts';
import { isId } from './lists.ts';

/**
 * After about six attempts the provider stops sending for good, and says so only to who asks. Known from its guide on webhooks and its
 * public source: a token sees the webhooks that were made with it and no others, and a shared access none at all.
 */
export async function reviveWebhook(
  ask: Ask,
  isOurs: (address: unknown) => boolean,
  credentials: Credentials,
): Promise<Revival> {
  const reply = await ask.get('webhooks', credentials);
  if (!reply.ok) {
    if (reply.status === 403) return { kind: 'unknown', sentence: NOT_OURS };
    throw refused(reply);
  }
  const { webhooks } = reply.object;
  const ours = (Array.isArray(webhooks) ? webhooks : []).filter(isObject).find(({ url }) => isOurs(url));
  if (!ours || !isId(ours.id)) return { kind: 'unknown', sentence: NOT_THERE };
  if (ours.state !== 'inactive') return { kind: 'sends' };
  for (const body of FORMS) {
    if (isActive(await ask.put(`webhooks/${encodeURIComponent(ours.id)}`, body, credentials)))
      return { kind: 'revived' };
  }
  return { kind: 'unknown', sentence: NOT_REVIVED };
}

/** The API reference has the first, and its public server takes the second. */
const FORMS = [{ update: { state: 'active' } }, { state: 'active' }];

/** A server that does not know the form may take it and change nothing. */
const isActive = (reply: Reply): boolean =>
  reply.ok && isObject(reply.object.webhook) && reply.object.webhook.state === 'active';

const SEEN_ELSEWHERE = 'Changes are found when they are asked for, and nothing is lost.';
const NOT_OURS = `Pryv has sent nothing for changes that were found, and this token may not see whether the webhook was stopped. ${SEEN_ELSEWHERE} Look at the webhook with the token that made it, and set its state to active.`;
const NOT_THERE = `Pryv has sent nothing for changes that were found, and among the webhooks that this token may see there is none with the address of this account. ${SEEN_ELSEWHERE} Register the address again, or look with the token that registered it.`;
const NOT_REVIVED = `Pryv has stopped the webhook after failures and does not take it up again. ${SEEN_ELSEWHERE} Delete the webhook there and register the address again.`;
