import type { Database } from 'better-sqlite3';
import type { Problem, SourceName } from '../../vocabulary.ts';
import { createLetterCap } from './letter-cap.ts';

/** What came with a delivery and could not be read: all of it, or one notification. */
interface Unreadable {
  kind: 'delivery' | 'notification';
  source: SourceName;
  deliveryId: number;
  problem: Problem;
  evidence: string;
  /** Of the delivery that is kept for this letter alone. */
  bytes: number;
  /** Epoch milliseconds. */
  learntAt: number;
}

/** Within an open transaction: adds dead letters that belong to no account. */
export type KeepUnreadable = (letters: readonly Unreadable[]) => void;

/** One for each database: it counts. */
export function createKeepUnreadable(db: Database): KeepUnreadable {
  const insert = db.prepare(`
    INSERT INTO dead_letters (kind, source, delivery_id, code, sentence, evidence, created_at)
    VALUES (@kind, @source, @deliveryId, @code, @sentence, @evidence, @learntAt)`);
  const cap = createLetterCap(db);

  return (letters) => {
    for (const { problem, bytes, ...letter } of letters) {
      insert.run({ ...letter, ...problem });
      cap.added(bytes);
    }
  };
}
