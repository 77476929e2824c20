import type { Problem, SourceName } from '../../vocabulary.ts';
import type { Queries } from './database.ts';
import { columnsOf } from './enqueue.ts';
import { makeRoom } from './letter-cap.ts';

/** What came with a delivery and could not be read: all of it, or one notification. */
interface Unreadable {
  kind: 'delivery' | 'notification';
  source: SourceName;
  deliveryId: number;
  problem: Problem;
  evidence: string;
  /** Epoch milliseconds. */
  learntAt: number;
}

const INSERT = `
  INSERT INTO dead_letters (kind, source, delivery_id, code, sentence, evidence, created_at)
  SELECT * FROM unnest(@kind::text[], @source::text[], @deliveryId::bigint[], @code::text[], @sentence::text[], @evidence::text[], @learntAt::bigint[])`;

/** Within an open transaction: adds dead letters that belong to no account. */
export async function keepUnreadable(queries: Queries, letters: readonly Unreadable[]): Promise<void> {
  if (letters.length === 0) return;
  await queries.run(
    INSERT,
    columnsOf(letters.map(({ problem: { code, sentence }, ...letter }) => ({ ...letter, code, sentence }))),
  );
  await makeRoom(queries);
}
