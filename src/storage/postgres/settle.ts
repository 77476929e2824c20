import type { Settlement } from '../inbox.ts';
import { SAY_DUE } from './channels.ts';
import type { Queries } from './database.ts';
import { columnsOf, enqueue } from './enqueue.ts';
import { storableKey } from './keys.ts';

type Of<Kind extends Settlement['kind']> = Extract<Settlement, { kind: Kind }>;
type Waiting = Of<'again' | 'confirm' | 'retry'>;

// Others add to the same tasks at the same time: so all of them are taken hold of first, in the order that everybody keeps to.
// One after the other, so that the cost never grows with the tasks that wait.
const HOLD = `
  SELECT 1 FROM (
    SELECT * FROM unnest(@source::text[], @account::text[], @type::text[], @id::text[]) AS n (source, account, type, item_id)
    ORDER BY source COLLATE "C", account COLLATE "C", type COLLATE "C", item_id COLLATE "C") n
  CROSS JOIN LATERAL (
    SELECT FROM tasks t WHERE (t.source, t.account, t.type, t.item_id) = (n.source, n.account, n.type, n.item_id) FOR UPDATE) held`;

const OF_THE_CLAIM = "t.state = 'active' AND t.seq = n.seq AND t.id = n.id";

// Whatever is still active of these was not answered by its fetch.
const OWE_ONE_MORE = `
  UPDATE tasks t SET state = 'pending', attempts = 0, due_at = last_learnt_at, last_error = NULL, claimed_generation = NULL
  FROM unnest(@task::bigint[], @seq::bigint[]) AS n (id, seq) WHERE ${OF_THE_CLAIM} AND t.claimed_generation <> t.generation`;

// All that there is to say of most fetches, in one statement: the rows are held, so nothing changes between its parts.
const END = `
  WITH closed AS (
    DELETE FROM dead_letters d
    USING unnest(@source::text[], @account::text[], @type::text[], @id::text[]) AS n (source, account, type, item_id)
    WHERE d.kind = 'task' AND d.source = n.source AND d.account = n.account AND d.type = n.type AND d.item_id = n.item_id
  ), removed AS (
    DELETE FROM tasks t USING unnest(@task::bigint[], @seq::bigint[]) AS n (id, seq)
    WHERE ${OF_THE_CLAIM} AND t.claimed_generation = t.generation
  ) ${OWE_ONE_MORE}`;

const BURY = `
  WITH buried AS (
    UPDATE tasks t SET state = 'dead', last_error = n.code, claimed_generation = NULL
    FROM unnest(@task::bigint[], @seq::bigint[], @code::text[], @sentence::text[], @evidence::text[]) AS n (id, seq, code, sentence, evidence)
    WHERE ${OF_THE_CLAIM} AND t.generation = t.claimed_generation
    RETURNING t.source, t.account, t.type, t.item_id, n.code, n.sentence, n.evidence)
  INSERT INTO dead_letters (kind, source, account, type, item_id, code, sentence, evidence, created_at)
  SELECT 'task', source, account, type, item_id, code, sentence, evidence, @now::bigint FROM buried
  ON CONFLICT (source, account, type, item_id) WHERE kind = 'task'
  DO UPDATE SET code = excluded.code, sentence = excluded.sentence, evidence = excluded.evidence, created_at = excluded.created_at`;

// No attempt counts any more after an answer: then what was learnt meanwhile need not wait.
const WAIT = `
  UPDATE tasks t SET state = 'pending',
    due_at = CASE WHEN n.confirms AND t.generation > t.claimed_generation THEN least(t.last_learnt_at, n.due_at) ELSE n.due_at END,
    last_error = n.reason, attempts = CASE WHEN n.confirms THEN 0 ELSE t.attempts - n.refund END, claimed_generation = NULL,
    notifications = t.notifications + CASE WHEN t.generation > t.claimed_generation THEN n.notifications ELSE 0 END,
    announces_deletion = t.announces_deletion OR n.announces_deletion,
    first_learnt_at = least(t.first_learnt_at, n.first_learnt_at),
    webhook_first = coalesce(n.webhook_first, t.webhook_first), webhook_last = coalesce(t.webhook_last, n.webhook_last)
  FROM unnest(@task::bigint[], @seq::bigint[], @dueAt::bigint[], @reason::text[], @refund::int[], @confirms::boolean[], @notifications::bigint[],
    @announcesDeletion::boolean[], @firstLearntAt::bigint[], @webhookFirst::bigint[], @webhookLast::bigint[])
    AS n (id, seq, due_at, reason, refund, confirms, notifications, announces_deletion, first_learnt_at, webhook_first, webhook_last)
  WHERE ${OF_THE_CLAIM}`;

/** Within a transaction: ends claims. */
export type Settle = (queries: Queries, settlements: readonly Settlement[], now: number) => Promise<void>;

/**
 * Each statement asks for the claim's own sequence, so that who comes too late changes nothing; and where a notification came during
 * the fetch, one more is owed, however this one ended.
 */
export const settle: Settle = async (queries, settlements, now) => {
  if (settlements.length === 0) return;
  const done = settlements.filter((each): each is Of<'done'> => each.kind === 'done');
  const dead = settlements.filter((each): each is Of<'dead'> => each.kind === 'dead');
  const waiting = settlements.filter((each): each is Waiting => each.kind !== 'done' && each.kind !== 'dead');
  const followUps = done.flatMap((each) => each.followUps);
  const keys = [...settlements.map(({ claim }) => claim.key), ...followUps.map(({ key }) => key)];
  await queries.run(HOLD, columnsOf(keys.map(storableKey)));
  await enqueue(queries, followUps);
  let owed = 0;
  if (done.length > 0)
    owed += await queries.run(END, {
      ...columnsOf(done.map(({ claim }) => storableKey(claim.key))),
      ...claimsOf(done),
    });
  if (dead.length > 0) {
    await queries.run(BURY, { ...letters(dead), now: Math.floor(now) });
    owed += await queries.run(OWE_ONE_MORE, claimsOf(dead));
  }
  if (waiting.length > 0) await queries.run(WAIT, columnsOf(waiting.map(waitOf)));
  if (owed > 0) await queries.run(SAY_DUE);
};

const claimsOf = (settlements: readonly Settlement[]) =>
  columnsOf(settlements.map(({ claim }) => ({ task: claim.task, seq: claim.seq })));

const letters = (dead: readonly Of<'dead'>[]) =>
  columnsOf(dead.map(({ claim: { task, seq }, problem, evidence }) => ({ task, seq, ...problem, evidence })));

const waitOf = ({ claim, kind, dueAt, reason }: Waiting) => ({
  task: claim.task,
  seq: claim.seq,
  dueAt: Math.ceil(dueAt),
  reason,
  refund: kind === 'again' ? 1 : 0,
  confirms: kind === 'confirm',
  notifications: claim.notifications,
  announcesDeletion: claim.announcesDeletion,
  firstLearntAt: claim.firstLearntAt,
  webhookFirst: claim.webhook?.first ?? null,
  webhookLast: claim.webhook?.last ?? null,
});
