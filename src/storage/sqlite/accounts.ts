import type { Database } from 'better-sqlite3';
import { type AccountState, RIDERS, type SourceName } from '../../vocabulary.ts';
import type { Account, AccountReader, AccountWriter, TokenKind } from '../accounts.ts';
import type { Preferences } from '../preferences.ts';

interface AccountRow {
  id: number;
  source: SourceName;
  user_id: string;
  name: string;
  client: string;
  state: AccountState;
  owner: number;
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

export function createAccountReader(db: Database): AccountReader {
  const all = db.prepare<[], AccountRow>('SELECT * FROM accounts ORDER BY id');
  const ridersOnly = db.prepare<[string], AccountRow>('SELECT * FROM accounts WHERE source = ? ORDER BY id');
  const byId = db.prepare<[number], AccountRow>('SELECT * FROM accounts WHERE id = ?');
  const byUser = db.prepare<[string, string], AccountRow>('SELECT * FROM accounts WHERE source = ? AND user_id = ?');
  const token = db
    .prepare<[string, string], Buffer | null>('SELECT sealed_token FROM accounts WHERE source = ? AND user_id = ?')
    .pluck();

  return {
    list: async () => all.all().map(accountOf),
    riders: async () => ridersOnly.all(RIDERS).map(accountOf),
    byId: async (id) => optional(byId.get(id)),
    find: async ({ source, account }) => optional(byUser.get(source, account)),
    sealedToken: async ({ source, account }) => token.get(source, account) ?? undefined,
  };
}

export function createAccountWriter(db: Database): AccountWriter {
  const upsert = db.prepare<unknown[], AccountRow>(`
    INSERT INTO accounts (id, source, user_id, name, client, token_kind, sealed_token, connected_at, owner)
    VALUES ((SELECT last + 1 FROM account_ids), @source, @account, @name, @client, @tokenKind, @sealedToken, @connectedAt,
      @source = '${RIDERS}' AND NOT EXISTS (SELECT 1 FROM accounts WHERE source = '${RIDERS}'))
    ON CONFLICT (source, user_id) DO UPDATE SET name = excluded.name, client = excluded.client, token_kind = excluded.token_kind,
      sealed_token = excluded.sealed_token, state = 'active'
    RETURNING *`);
  const giveOut = db.prepare<[number]>('UPDATE account_ids SET last = max(last, ?)');
  const setState = db.prepare<[string, string, string]>(
    'UPDATE accounts SET state = ? WHERE source = ? AND user_id = ?',
  );
  const renew = db.prepare<[Buffer, string, string]>(
    'UPDATE accounts SET sealed_token = ? WHERE source = ? AND user_id = ? AND sealed_token IS NOT NULL',
  );
  const disconnect = db.prepare<[string, string]>(`
    UPDATE accounts SET state = 'disconnected', sealed_token = NULL WHERE source = ? AND user_id = ?`);
  const erase = db.prepare<[string, string]>('DELETE FROM accounts WHERE source = ? AND user_id = ?');
  const eraseOrphans = db.prepare(`
    DELETE FROM bodies WHERE NOT EXISTS (SELECT 1 FROM items WHERE body_id = bodies.id)
      AND NOT EXISTS (SELECT 1 FROM revisions WHERE body_id = bodies.id)`);
  const reconciled = db.prepare<[string, number, number | null, string, string]>(`
    UPDATE accounts SET cursor = ?, last_reconciled_at = ?, backfill_total = coalesce(?, backfill_total)
    WHERE source = ? AND user_id = ?`);
  const rewind = db.prepare<[string, string]>(
    'UPDATE accounts SET cursor = NULL, last_audit_at = NULL WHERE source = ? AND user_id = ?',
  );
  const prefer = db.prepare<[string, string, string, string, string, string]>(
    'UPDATE accounts SET units = ?, theme = ?, map_style = ?, language = ? WHERE source = ? AND user_id = ?',
  );
  const audited = db.prepare<[number, number, number, string, string]>(`
    UPDATE accounts SET last_audit_at = ?, last_audit_compared = ?, last_audit_different = ? WHERE source = ? AND user_id = ?`);

  const connect = db.transaction((account: object): AccountRow => {
    const row = upsert.get(account);
    if (!row) throw new Error('The account could not be stored.');
    giveOut.run(row.id);
    return row;
  });
  const eraseAll = db.transaction((source: string, account: string) => {
    erase.run(source, account);
    eraseOrphans.run();
  });

  return {
    connect: async (account) => accountOf(connect.immediate({ ...account })),
    setState: async ({ source, account }, state) => void setState.run(state, source, account),
    renew: async ({ source, account }, sealedToken) => void renew.run(sealedToken, source, account),
    disconnect: async ({ source, account }) => void disconnect.run(source, account),
    erase: async ({ source, account }) => {
      eraseAll.immediate(source, account);
      // Earlier pages are in the log until it is emptied.
      db.pragma('wal_checkpoint(TRUNCATE)');
    },
    reconciled: async ({ source, account }, cursor, at, backfillTotal) =>
      void reconciled.run(cursor, at, backfillTotal ?? null, source, account),
    rewind: async ({ source, account }) => void rewind.run(source, account),
    prefer: async ({ source, account }, { units, theme, mapStyle, language }) =>
      void prefer.run(units, theme, mapStyle, language, source, account),
    audited: async ({ source, account }, { at, compared, different }) =>
      void audited.run(at, compared, different, source, account),
  };
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
    owner: row.owner === 1,
    tokenKind: row.token_kind,
    cursor: row.cursor,
    backfillTotal: row.backfill_total,
    connectedAt: row.connected_at,
    lastReconciledAt: row.last_reconciled_at,
    preferences: { units: row.units, theme: row.theme, mapStyle: row.map_style, language: row.language },
    lastAudit: at === null ? null : { at, compared: compared ?? 0, different: different ?? 0 },
  };
}
