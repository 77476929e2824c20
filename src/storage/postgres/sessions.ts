import type { PersonalToken, SessionReader, SessionWriter } from '../sessions.ts';
import type { Database, Queries } from './database.ts';

interface Whose {
  account_id: number;
}

const TOKEN = 'id, name, created_at AS "createdAt"';

export function createSessionReader(db: Queries): SessionReader {
  return {
    async accountOfSession(hash, now) {
      const row = await db.get<Whose>('SELECT account_id FROM sessions WHERE hash = @hash AND expires_at > @now', {
        hash,
        now,
      });
      return row?.account_id;
    },
    async accountOfToken(hash) {
      const row = await db.get<Whose>('SELECT account_id FROM personal_tokens WHERE hash = @hash', { hash });
      return row?.account_id;
    },
    tokens: (accountId) =>
      db.all<PersonalToken>(`SELECT ${TOKEN} FROM personal_tokens WHERE account_id = @accountId ORDER BY id`, {
        accountId,
      }),
  };
}

export function createSessionWriter(db: Database): SessionWriter {
  return {
    async open(hash, accountId, now, expiresAt) {
      // Those that another process forgets at this moment need nobody to wait for it.
      await db.run(
        `DELETE FROM sessions WHERE hash IN (SELECT hash FROM sessions WHERE expires_at <= @now FOR UPDATE SKIP LOCKED)`,
        { now },
      );
      await db.run(
        `INSERT INTO sessions (hash, account_id, created_at, expires_at) VALUES (@hash, @accountId, @now, @expiresAt)`,
        { hash, accountId, now, expiresAt },
      );
    },
    async end(hash) {
      await db.run('DELETE FROM sessions WHERE hash = @hash', { hash });
    },
    async addToken(accountId, name, hash, now) {
      const token = await db.get<PersonalToken>(
        `INSERT INTO personal_tokens (account_id, name, hash, created_at) VALUES (@accountId, @name, @hash, @now)
        RETURNING ${TOKEN}`,
        { accountId, name, hash, now },
      );
      if (!token) throw new Error('The token could not be stored.');
      return token;
    },
    revokeToken: async (accountId, id) =>
      (await db.run('DELETE FROM personal_tokens WHERE account_id = @accountId AND id = @id', { accountId, id })) === 1,
    async addLoginLink(hash, accountId, expiresAt) {
      await db.run('INSERT INTO login_links (hash, account_id, expires_at) VALUES (@hash, @accountId, @expiresAt)', {
        hash,
        accountId,
        expiresAt,
      });
    },
    async useLoginLink(hash, now) {
      const link = await db.get<Whose & { expires_at: number }>(
        'DELETE FROM login_links WHERE hash = @hash RETURNING account_id, expires_at',
        { hash },
      );
      return link && link.expires_at > now ? link.account_id : undefined;
    },
  };
}
