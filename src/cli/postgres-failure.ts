const POOLED =
  'DATABASE_URL leads through a pooler that hands out connections by the transaction, such as PgBouncer with pool_mode=transaction. Use its session mode, or connect to PostgreSQL directly.';

const UNTRUSTED =
  'The certificate of PostgreSQL cannot be verified here, and sslmode in DATABASE_URL asks for that (require does too). Name the authority that signed it, as in ?sslmode=verify-full&sslrootcert=/path/of/ca.pem, or say sslmode=no-verify where nobody can come between.';
const UNENCRYPTED =
  'PostgreSQL takes no encrypted connections, and sslmode in DATABASE_URL asks for one (prefer does too). Switch ssl on in PostgreSQL, or take sslmode out of DATABASE_URL.';

/** What PostgreSQL and the way to it say, for people. None of it names the password. */
const SENTENCES: Record<string, string> = {
  POSTGRES_ECONNREFUSED:
    'Nobody listens where DATABASE_URL points to. Start PostgreSQL, or correct the host and the port in DATABASE_URL.',
  POSTGRES_ENOTFOUND: 'The host in DATABASE_URL is not known here. Correct its name in DATABASE_URL.',
  POSTGRES_EAI_AGAIN: 'The host in DATABASE_URL is not known here. Correct its name in DATABASE_URL.',
  POSTGRES_28P01: 'PostgreSQL refuses the user or the password in DATABASE_URL. Correct them.',
  POSTGRES_28000:
    'PostgreSQL refuses the user in DATABASE_URL, or asks for an encrypted connection (?sslmode=require).',
  POSTGRES_3D000: 'The database that DATABASE_URL names does not exist. Make it with createdb, or correct its name.',
  POSTGRES_42501:
    'The user in DATABASE_URL may not make or write tables in the database. Make that user the owner of the database.',
  '3F000':
    'The user in DATABASE_URL has no schema to make tables in. Give it one: ALTER ROLE … SET search_path = public, and the right to make tables there.',
  POSTGRES_25006:
    'The database in DATABASE_URL can only be read: it is a standby, or somebody has set it to that. Name the one that is written to.',
  // A statement that was prepared on another connection.
  '26000': POOLED,
  '42P05': POOLED,
  POSTGRES_53100: 'The disk of PostgreSQL is full, so nothing more can be stored. Free some space there and try again.',
  POSTGRES_53300: 'PostgreSQL has no connection left. Raise its max_connections, or stop what else is connected.',
};

/** @returns undefined when it is no error of PostgreSQL. */
export function sentenceOfPostgres({ code, message }: { code: string; message: string }): string | undefined {
  if (SENTENCES[code] !== undefined) return SENTENCES[code];
  if (!code.startsWith('POSTGRES_')) return undefined;
  if (/CERT|SIGNATURE|ISSUER/.test(code)) return UNTRUSTED;
  // The driver has only words for it.
  if (message.includes('does not support SSL')) return UNENCRYPTED;
  return `${message.replace(/\.?$/, '.')} What was stored is safe. Look after PostgreSQL, then try again.`;
}
