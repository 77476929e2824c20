import type { Claim } from '../../vocabulary.ts';
import type { ClaimRequest, Finding, Settlement, Tasks } from '../inbox.ts';
import { createClaims } from './claims.ts';
import type { Database } from './database.ts';
import { columnsOf, enqueue } from './enqueue.ts';
import { lockNameOf, storableKey } from './keys.ts';
import { createRecover } from './recover.ts';
import type { Session } from './session.ts';
import { settle } from './settle.ts';

const NOTE_FINDINGS = `
  INSERT INTO findings (source, account, type, item_id, action, happened_at, found_at, known)
  SELECT * FROM unnest(@source::text[], @account::text[], @type::text[], @id::text[], @action::text[], @happenedAt::bigint[],
    @foundAt::bigint[], @known::boolean[]) AS n (source, account, type, item_id, action, happened_at)
  ORDER BY n.source COLLATE "C", n.account COLLATE "C", n.type COLLATE "C", n.item_id COLLATE "C", n.action COLLATE "C", n.happened_at
  ON CONFLICT DO NOTHING`;

/** Another process is done with its choosing after a few milliseconds. */
const CONTENDED_TRIES = 3;
const CONTENDED_MS = 10;

/** @param graceMs A task is given up for lost when nobody has its lock at two looks so far apart. */
export function createTasks(db: Database, session: Session, graceMs: number): Tasks {
  const claims = createClaims();
  /** Task ids of what this process has in hand. */
  const running = new Set<number>();
  const recover = createRecover(db, running, graceMs);

  /** Ends claims and gives out new ones; the locks of those that ended are let go when that is committed. */
  async function exchangeOnce(settlements: readonly Settlement[], request: ClaimRequest) {
    const answer = await session.transaction(async (queries) => {
      await settle(queries, settlements, request.now);
      const ended = new Set(settlements.map(({ claim }) => claim.task));
      const claimed = await claims(
        queries,
        request,
        [...running].filter((id) => !ended.has(id)),
      );
      return { ...claimed, holding: claimed.claims.map(({ key }) => lockNameOf(key)) };
    });
    answer.remember();
    for (const { claim } of settlements) running.delete(claim.task);
    for (const { task } of answer.claims) running.add(task);
    await session.release(settlements.map(({ claim }) => lockNameOf(claim.key)));
    return answer;
  }

  async function exchange(settlements: readonly Settlement[], request: ClaimRequest): Promise<Claim[]> {
    let { claims, contended } = await exchangeOnce(settlements, request);
    for (let tries = 1; contended && claims.length === 0 && tries <= CONTENDED_TRIES; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, CONTENDED_MS * Math.random() * tries));
      ({ claims, contended } = await exchangeOnce([], request));
    }
    return claims;
  }

  return {
    async enqueue(notifications, findings: readonly Finding[] = []) {
      const rows = findings.map(({ key, ...finding }) => ({ ...storableKey(key), ...finding }));
      if (notifications.length + rows.length === 0) return;
      await db.transaction(async (queries) => {
        await enqueue(queries, notifications);
        if (rows.length > 0) await queries.run(NOTE_FINDINGS, columnsOf(rows));
      });
    },
    exchange,
    recover,
    async sequence() {
      const row = await db.get<{ last: number }>(
        'SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS last FROM fetch_sequence',
      );
      return row?.last ?? 0;
    },
    async raiseSequence(seq) {
      if (seq < 1) return;
      await db.run("SELECT setval('fetch_sequence', @seq) FROM fetch_sequence WHERE last_value < @seq::bigint", {
        seq,
      });
    },
  };
}
