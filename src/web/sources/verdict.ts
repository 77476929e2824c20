import type { SourceReport } from '../../storage/source-report.ts';
import { type Message, message, say } from '../say.ts';
import type { Tone } from '../sync-verdict.ts';
import { count } from '../units.ts';

/** How a source is doing, in one sentence; what needs somebody comes first. */
export function sourceVerdict(report: SourceReport): { tone: Tone; sentence: string } {
  const { title, accounts, queue, catches_up } = report;
  const connected = accounts.filter(({ state }) => state !== 'disconnected');
  const refused = connected.find(({ state }) => state === 'reconnect');
  const troubled = connected.find(({ trouble }) => trouble !== null);
  const heard = connected.some(({ last_webhook_at }) => last_webhook_at !== null);
  const waiting = queue.pending + queue.active;
  if (connected.length === 0) return { tone: 'quiet', sentence: say`No account is connected.` };
  if (refused) {
    return { tone: 'attention', sentence: say`${title} refuses the token of ${refused.name || refused.account}.` };
  }
  if (troubled?.trouble) return { tone: 'attention', sentence: troubled.trouble.reason };
  if (queue.dead > 0)
    return { tone: 'attention', sentence: say`Some were set aside and need you: ${count(queue.dead)}.` };
  if (connected.some(({ held }) => held > 0)) {
    return { tone: 'attention', sentence: say`So much is gone there at once that its deletion waits for your word.` };
  }
  if (waiting > 0) return { tone: 'busy', sentence: say`Being copied at present: ${count(waiting)}.` };
  if (catches_up === null && !heard) return { tone: 'quiet', sentence: say`Its first webhook has not come yet.` };
  if (catches_up !== null && connected.some(({ last_reconciled_at }) => last_reconciled_at === null)) {
    return { tone: 'busy', sentence: say`What it has is being listed.` };
  }
  return { tone: 'good', sentence: say`All that is known of it is here.` };
}

/** How what no webhook brought is found. */
export const CATCHES_UP: Record<'changes' | 'listing' | 'nothing', Message> = {
  changes: message('It is asked regularly what changed since the last time.'),
  listing: message('It cannot tell what changed, so everything that it lists is compared regularly.'),
  nothing: message('It offers nothing to ask what was missed: what its webhooks bring is all there is.'),
};

export const AUDITED: Record<'yes' | 'no', Message> = {
  yes: message('Audits find deletions that nobody announced.'),
  no: message('It offers no list to audit against: a deletion is known when it is announced.'),
};
