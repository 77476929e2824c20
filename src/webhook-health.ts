import type { Drift, Share } from './storage/inbox.ts';
import type { WebhookHealth } from './storage/sync.ts';
import type { AccountRef } from './vocabulary.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Fewer unannounced changes are bad luck. */
const UNHEARD_CHANGES = 3;
/** All within less than this is one hiccup, of theirs or of ours: an upload of five rides, a restart. */
const UNHEARD_FOR_MS = 10 * MINUTE_MS;
/** Found later than this after it happened, a change may have been announced while Slipstream did not run. */
const LISTENING_MS = 120 * MINUTE_MS;

/**
 * What share of an account's changes was announced by webhook within two minutes, and whether the provider has gone quiet.
 *
 * Quiet means: since the last webhook for this account reconciliation found three changes or more that no webhook had announced, ten
 * minutes or more apart, each of them found within two hours after it was made. So it needs changes: a rider who does not ride is never
 * told that something is wrong, however long nothing comes. One bad moment is not enough, and neither is what happened while Slipstream
 * itself did not run, since nobody was there to hear. The next webhook ends it.
 *
 * @param lastWebhookAt Epoch milliseconds; an account that never had a webhook has no such health.
 */
export async function webhookHealth(
  inbox: Drift,
  ref: AccountRef,
  lastWebhookAt: number,
  now: number,
): Promise<WebhookHealth> {
  const within = (days: number): Promise<Share> => inbox.announcedSince(ref, now - days * DAY_MS);
  const unheard = await inbox.unheard(ref, lastWebhookAt, LISTENING_MS);
  const quiet =
    unheard !== null && unheard.changes >= UNHEARD_CHANGES && unheard.last - unheard.first >= UNHEARD_FOR_MS;
  return {
    announced: { day: await within(1), week: await within(7), month: await within(30) },
    quiet: quiet ? { since: new Date(unheard.first).toISOString(), changes: unheard.changes } : null,
  };
}
