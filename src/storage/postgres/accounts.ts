import { type AccountState, RIDERS, type SourceName } from '../../vocabulary.ts';
import type { Account, AccountReader, AccountWriter, TokenKind } from '../accounts.ts';
import type { Preferences } from '../preferences.ts';
import type { Database, Queries } from './database.ts';
import { lockOwnership } from './locking.ts';

interface AccountRow {
  id: number;
  source: SourceName;
  user_id: string;
  name: string;
  client: string;
  state: AccountState;
  owner: boolean;
  token_kind: TokenKind;
  cursor: string | null;
  backfill_total: number | null;
  connected_at: number;
  last_reconciled_at: number | null;
  last_audit_at: number | null;
  last_audit_compared: number | null;
  last_audit_different: number | null;
  units: Preferences['units'];
  theme: Preferences['theme'];
  map_style: Preferences['mapStyle'];
  language: string;
}

const COLUMNS = `id, source, user_id, name, client, state, owner, token_kind, cursor, backfill_total, connected_at,
  last_reconciled_at, last_audit_at, last_audit_compared, last_audit_different, units, theme, map_style, language`;
const SELECT = `SELECT ${COLUMNS} FROM accounts`;
const OF_USER = 'source = @source AND user_id = @account';

export function createAccountReader(db: Queries): AccountReader {
  return {
    list: async () => (await db.all<AccountRow>(`${SELECT} ORDER BY id`)).map(accountOf),
    riders: async () =>
      (await db.all<AccountRow>(`${SELECT} WHERE source = @source ORDER BY id`, { source: RIDERS })).map(accountOf),
    byId: async (id) => optional(await db.get<AccountRow>(`${SELECT} WHERE id = @id`, { id })),
    find: async (ref) => optional(await db.get<AccountRow>(`${SELECT} WHERE ${OF_USER}`, { ...ref })),
    async sealedToken(ref) {
      const row = await db.get<{ sealed_token: Buffer | null }>(`SELECT sealed_token FROM accounts WHERE ${OF_USER}`, {
        ...ref,
      });
      return row?.sealed_token ?? undefined;
    },
  };
}

export function createAccountWriter(db: Database): AccountWriter {
  /** Of the one account, or of none where it is not there. */
  async function update(assignments: string, values: object): Promise<void> {
    await db.run(`UPDATE accounts SET ${assignments} WHERE ${OF_USER}`, { ...values });
  }

  return {
    connect: (account) =>
      db.transaction(async (queries) => {
        await lockOwnership(queries);
        const row = await queries.get<AccountRow>(
          `INSERT INTO accounts (source, user_id, name, client, token_kind, sealed_token, connected_at, owner)
          VALUES (@source, @account, @name, @client, @tokenKind, @sealedToken, @connectedAt,
            @source = '${RIDERS}' AND NOT EXISTS (SELECT 1 FROM accounts WHERE source = '${RIDERS}'))
          ON CONFLICT (source, user_id) DO UPDATE SET name = excluded.name, client = excluded.client,
            token_kind = excluded.token_kind, sealed_token = excluded.sealed_token, state = 'active'
          RETURNING ${COLUMNS}`,
          { ...account },
        );
        if (!row) throw new Error('The account could not be stored.');
        return accountOf(row);
      }),
    setState: (ref, state) => update('state = @state', { ...ref, state }),
    async renew(ref, sealedToken) {
      await db.run(`UPDATE accounts SET sealed_token = @sealedToken WHERE ${OF_USER} AND sealed_token IS NOT NULL`, {
        ...ref,
        sealedToken,
      });
    },
    disconnect: (ref) => update("state = 'disconnected', sealed_token = NULL", ref),
    erase: ({ source, account }) => db.transaction((queries) => erase(queries, { source, account })),
    reconciled: (ref, cursor, at, backfillTotal) =>
      update(
        'cursor = @cursor, last_reconciled_at = @at, backfill_total = coalesce(@backfillTotal::bigint, backfill_total)',
        {
          ...ref,
          cursor,
          at,
          backfillTotal,
        },
      ),
    rewind: (ref) => update('cursor = NULL, last_audit_at = NULL', ref),
    prefer: (ref, preferences) =>
      update('units = @units, theme = @theme, map_style = @mapStyle, language = @language', { ...ref, ...preferences }),
    audited: (ref, audit) =>
      update('last_audit_at = @at, last_audit_compared = @compared, last_audit_different = @different', {
        ...ref,
        ...audit,
      }),
  };
}

/**
 * With the account's row in hand nobody stores anything for it any more. The bodies are looked at once more after they are locked: who
 * was about to store one of them for another account has done so, and who comes later stores it anew.
 */
async function erase(queries: Queries, ref: { source: SourceName; account: string }): Promise<void> {
  const account = await queries.get<{ id: number }>(`SELECT id FROM accounts WHERE ${OF_USER} FOR UPDATE`, ref);
  if (!account) return;
  const bodies = await queries.all<{ id: number }>(
    `SELECT body_id AS id FROM items WHERE account_id = @id AND body_id IS NOT NULL
    UNION SELECT revisions.body_id FROM revisions JOIN items ON items.id = revisions.item WHERE account_id = @id`,
    account,
  );
  const ids = bodies.map(({ id }) => id);
  await queries.run('DELETE FROM accounts WHERE id = @id', account);
  await queries.run('SELECT 1 FROM bodies WHERE id = ANY(@ids::bigint[]) ORDER BY id FOR UPDATE', { ids });
  await queries.run(
    `DELETE FROM bodies WHERE id = ANY(@ids::bigint[]) AND NOT EXISTS (SELECT 1 FROM items WHERE body_id = bodies.id)
      AND NOT EXISTS (SELECT 1 FROM revisions WHERE body_id = bodies.id)`,
    { ids },
  );
}

const optional = (row: AccountRow | undefined): Account | undefined => row && accountOf(row);

function accountOf(row: AccountRow): Account {
  const { last_audit_at: at, last_audit_compared: compared, last_audit_different: different } = row;
  return {
    id: row.id,
    source: row.source,
    user_id: row.user_id,
    name: row.name,
    client: row.client,
    state: row.state,
    owner: row.owner,
    tokenKind: row.token_kind,
    cursor: row.cursor,
    backfillTotal: row.backfill_total,
    connectedAt: row.connected_at,
    lastReconciledAt: row.last_reconciled_at,
    preferences: { units: row.units, theme: row.theme, mapStyle: row.map_style, language: row.language },
    lastAudit: at === null ? null : { at, compared: compared ?? 0, different: different ?? 0 },
  };
}
