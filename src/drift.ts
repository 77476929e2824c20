import type { AccountReader } from './storage/accounts.ts';
import type { Finding, Inbox } from './storage/inbox.ts';
import type { Items } from './storage/items.ts';

/** A webhook that comes later than this after the change counts as missing (promise 10). */
export const ANNOUNCED_WITHIN_MS = 120_000;
/** Clocks differ a little, and provider times are in whole seconds. */
export const BEFORE_MS = 30_000;
/** What arrived in time may still wait to become a task. */
const GRACE_MS = 5_000;
const AT_ONCE = 200;

export interface Verdict {
  finding: Finding;
  announced: boolean;
}

export interface DriftParts {
  inbox: Inbox;
  accounts: AccountReader;
  items: Pick<Items, 'announcedInHistory'>;
  now: () => number;
}

/**
 * Judges what reconciliation found, once the webhook has had its two minutes: a change that no webhook announced is drift.
 *
 * @returns what was judged.
 */
export async function judgeFindings(parts: DriftParts): Promise<Verdict[]> {
  const judged: Verdict[] = [];
  // Slice by slice, so that acknowledgements come between.
  for (let slice = await judgeSlice(parts); slice.length > 0; slice = await judgeSlice(parts)) {
    judged.push(...slice);
    if (slice.length < AT_ONCE) break;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return judged;
}

async function judgeSlice(parts: DriftParts): Promise<Verdict[]> {
  const { inbox, now } = parts;
  const open = await inbox.openFindings(now() - ANNOUNCED_WITHIN_MS - GRACE_MS, AT_ONCE);
  if (open.length === 0) return [];
  const verdicts: Verdict[] = [];
  for (const finding of open) verdicts.push({ finding, announced: await wasAnnounced(parts, finding) });
  await inbox.judge(verdicts);
  return verdicts;
}

async function wasAnnounced({ inbox, accounts, items }: DriftParts, { key, happenedAt }: Finding): Promise<boolean> {
  const [from, to] = [happenedAt - BEFORE_MS, happenedAt + ANNOUNCED_WITHIN_MS];
  if (await inbox.announcedInQueue(key, from, to)) return true;
  const account = await accounts.find(key);
  return (
    account !== undefined && items.announcedInHistory({ accountId: account.id, type: key.type, id: key.id }, from, to)
  );
}
