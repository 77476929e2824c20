import type { SourceName } from '../../vocabulary.ts';
import type { DatabaseName } from '../migrate.ts';
import type { Reseal, SealedKind } from '../sealed.ts';
import type { Database } from './database.ts';

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
        WHERE sealed_token IS NOT NULL AND id > @after ORDER BY id LIMIT @slice FOR NO KEY UPDATE`,
      update: 'UPDATE accounts SET sealed_token = @anew WHERE id = @id',
    },
    {
      kind: 'privacy_codes',
      select: `SELECT items.id, source, user_id AS account, secret AS sealed FROM items JOIN accounts ON accounts.id = account_id
        WHERE secret IS NOT NULL AND items.id > @after ORDER BY items.id LIMIT @slice FOR NO KEY UPDATE OF items`,
      update: 'UPDATE items SET secret = @anew WHERE id = @id',
    },
  ],
  inbox: [
    {
      kind: 'privacy_codes',
      select: `SELECT id, source, account, secret AS sealed FROM tasks
        WHERE secret IS NOT NULL AND id > @after ORDER BY id LIMIT @slice FOR NO KEY UPDATE`,
      update: 'UPDATE tasks SET secret = @anew WHERE id = @id',
    },
    {
      kind: 'deliveries',
      select: `SELECT id, source, NULL AS account, body AS sealed FROM deliveries
        WHERE sealed AND id > @after ORDER BY id LIMIT @slice FOR NO KEY UPDATE`,
      update: 'UPDATE deliveries SET body = @anew WHERE id = @id',
    },
  ],
};

/** Hands everything sealed in one group of tables to `reseal`, and stores what comes back. */
export async function resealAll(db: Database, name: DatabaseName, reseal: Reseal): Promise<void> {
  for (const place of PLACES[name]) await resealPlace(db, place, reseal);
}

async function resealPlace(db: Database, { kind, select, update }: Place, reseal: Reseal): Promise<void> {
  const slice = (after: number): Promise<number | undefined> =>
    db.transaction(async (queries) => {
      const rows = await queries.all<SealedRow>(select, { after, slice: SLICE });
      for (const { id, sealed, ...owner } of rows) {
        const anew = reseal(kind, sealed, owner);
        if (anew) await queries.run(update, { anew, id });
      }
      return rows.at(-1)?.id;
    });
  for (let after: number | undefined = 0; after !== undefined; ) after = await slice(after);
}
