import type { Database } from 'better-sqlite3';
import type { SourceName } from '../../vocabulary.ts';
import type { DatabaseName } from '../migrate.ts';
import type { Reseal, SealedKind } from '../sealed.ts';

/** Rows in one transaction: a rotation that is cut off goes on where it was. */
const SLICE = 50;

interface SealedRow {
  id: number;
  source: SourceName;
  /** Null: it speaks of several. */
  account: string | null;
  sealed: Buffer;
}

interface Place {
  kind: SealedKind;
  select: string;
  update: string;
}

/** Everything sealed that there is, and where: a new place must be in this table, or a rotation leaves it behind. */
const PLACES: Record<DatabaseName, readonly Place[]> = {
  mirror: [
    {
      kind: 'tokens',
      select: `SELECT id, source, user_id AS account, sealed_token AS sealed FROM accounts
        WHERE sealed_token IS NOT NULL AND id > ? ORDER BY id LIMIT ?`,
      update: 'UPDATE accounts SET sealed_token = ? WHERE id = ?',
    },
    {
      kind: 'privacy_codes',
      select: `SELECT items.id, source, user_id AS account, secret AS sealed FROM items JOIN accounts ON accounts.id = account_id
        WHERE secret IS NOT NULL AND items.id > ? ORDER BY items.id LIMIT ?`,
      update: 'UPDATE items SET secret = ? WHERE id = ?',
    },
  ],
  inbox: [
    {
      kind: 'privacy_codes',
      select:
        'SELECT id, source, account, secret AS sealed FROM tasks WHERE secret IS NOT NULL AND id > ? ORDER BY id LIMIT ?',
      update: 'UPDATE tasks SET secret = ? WHERE id = ?',
    },
    {
      kind: 'deliveries',
      select:
        'SELECT id, source, NULL AS account, body AS sealed FROM deliveries WHERE sealed = 1 AND id > ? ORDER BY id LIMIT ?',
      update: 'UPDATE deliveries SET body = ? WHERE id = ?',
    },
  ],
};

/** Hands everything sealed in one database to `reseal`, and stores what comes back. The log is emptied: it has the former bytes. */
export function resealAll(db: Database, name: DatabaseName, reseal: Reseal): void {
  for (const place of PLACES[name]) resealPlace(db, place, reseal);
  db.pragma('wal_checkpoint(TRUNCATE)');
}

function resealPlace(db: Database, { kind, select, update }: Place, reseal: Reseal): void {
  const next = db.prepare<[number, number], SealedRow>(select);
  const store = db.prepare<[Buffer, number]>(update);
  const slice = db.transaction((after: number): number | undefined => {
    const rows = next.all(after, SLICE);
    for (const { id, sealed, ...owner } of rows) {
      const anew = reseal(kind, sealed, owner);
      if (anew) store.run(anew, id);
    }
    return rows.at(-1)?.id;
  });
  for (let after: number | undefined = 0; after !== undefined; ) after = slice.immediate(after);
}
