import type { Database } from 'better-sqlite3';
import type { PersonalToken, SessionReader, SessionWriter } from '../sessions.ts';

interface TokenRow {
  id: number;
  name: string;
  created_at: number;
}

export function createSessionReader(db: Database): SessionReader {
  const bySession = db
    .prepare<[Buffer, number], number>('SELECT account_id FROM sessions WHERE hash = ? AND expires_at > ?')
    .pluck();
  const byToken = db.prepare<[Buffer], number>('SELECT account_id FROM personal_tokens WHERE hash = ?').pluck();
  const tokens = db.prepare<[number], TokenRow>(
    'SELECT id, name, created_at FROM personal_tokens WHERE account_id = ? ORDER BY id',
  );

  return {
    accountOfSession: async (hash, now) => bySession.get(hash, now),
    accountOfToken: async (hash) => byToken.get(hash),
    tokens: async (accountId) => tokens.all(accountId).map(tokenOf),
  };
}

export function createSessionWriter(db: Database): SessionWriter {
  const insert = db.prepare<[Buffer, number, number, number]>('INSERT INTO sessions VALUES (?, ?, ?, ?)');
  const prune = db.prepare<[number]>('DELETE FROM sessions WHERE expires_at <= ?');
  const end = db.prepare<[Buffer]>('DELETE FROM sessions WHERE hash = ?');
  const insertToken = db.prepare<[number, string, Buffer, number], TokenRow>(`
    INSERT INTO personal_tokens (account_id, name, hash, created_at) VALUES (?, ?, ?, ?) RETURNING id, name, created_at`);
  const revoke = db.prepare<[number, number]>('DELETE FROM personal_tokens WHERE account_id = ? AND id = ?');
  const insertLink = db.prepare<[Buffer, number, number]>('INSERT INTO login_links VALUES (?, ?, ?)');
  const useLink = db.prepare<[Buffer], { account_id: number; expires_at: number }>(
    'DELETE FROM login_links WHERE hash = ? RETURNING account_id, expires_at',
  );

  return {
    open: async (hash, accountId, now, expiresAt) => {
      prune.run(now);
      insert.run(hash, accountId, now, expiresAt);
    },
    end: async (hash) => void end.run(hash),
    addToken: async (accountId, name, hash, now) => {
      const row = insertToken.get(accountId, name, hash, now);
      if (!row) throw new Error('The token could not be stored.');
      return tokenOf(row);
    },
    revokeToken: async (accountId, id) => revoke.run(accountId, id).changes === 1,
    addLoginLink: async (hash, accountId, expiresAt) => void insertLink.run(hash, accountId, expiresAt),
    useLoginLink: async (hash, now) => {
      const link = useLink.get(hash);
      return link && link.expires_at > now ? link.account_id : undefined;
    },
  };
}

const tokenOf = ({ id, name, created_at }: TokenRow): PersonalToken => ({ id, name, createdAt: created_at });
