import pg from 'pg';

/**
 * SQLSTATEs, and classes of them, that say something about the server and nothing about the statement: connection, who may come in, which
 * database, resources, shutdown, system; only for reading, no right, no table. A dump that is put back takes those away for a while.
 */
const OF_THE_SERVER = ['08', '28', '3D', '53', '57', '58', 'XX', '25006', '42501', '42P01', '0A000'];
/** Only for reading: it was the first server, and another one is now. What was prepared is of tables that have been changed. */
const OF_THE_CONNECTION = ['25006', '0A000'];
/** Serialization failure, deadlock. */
const LOST_RACE = ['40001', '40P01'];
/** A lock that was not to be had in time. */
const LOCKED = '55P03';

/**
 * A server that is away, full, stopping or only for reading becomes a storage error (see `isStorageError`): nothing is wrong with
 * what was to be stored, and it is tried again. Whatever else went wrong stays as it is.
 */
export function asStorageError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if ('code' in error && String(error.code).startsWith('POSTGRES_')) return error;
  const state = error instanceof pg.DatabaseError ? (error.code ?? '') : undefined;
  if (state !== undefined && !isOfTheServer(state)) return error;
  const code = state ?? ('code' in error && typeof error.code === 'string' ? error.code : 'CONNECTION');
  if (state === undefined && !isConnectionError(error)) return error;
  return Object.assign(new Error(`PostgreSQL does not take it: ${wordsOf(error)}`, { cause: error }), {
    code: `POSTGRES_${code}`,
  });
}

const isOfTheServer = (state: string): boolean =>
  OF_THE_SERVER.some((start) => state.startsWith(start)) || LOST_RACE.includes(state) || state === LOCKED;

/** Another transaction was in the way, and this one can simply be done again. */
export const isLostRace = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && LOST_RACE.some((state) => error.code === `POSTGRES_${state}`);

/** A name with several addresses, as localhost often is: one refusal for each, and no words of its own. */
const wordsOf = (error: Error): string =>
  error instanceof AggregateError ? error.errors.map((each) => String(each?.message)).join('; ') : error.message;

/** The driver has a code for what the system said, and only words for what it noticed itself. */
export const isConnectionError = (error: unknown): boolean =>
  error instanceof Error &&
  !(error instanceof pg.DatabaseError) &&
  ('syscall' in error ||
    error instanceof AggregateError ||
    isUntrusted(error) ||
    /connection|connect|terminated|timeout|socket|Client was closed/i.test(error.message));

/** A connection after this error is of no use to anybody. */
export const isSpent = (error: unknown): boolean =>
  isConnectionError(error) ||
  (error instanceof pg.DatabaseError && OF_THE_CONNECTION.some((state) => error.code === state));

/** What Node and OpenSSL say of a certificate that they cannot verify. */
const isUntrusted = (error: Error): boolean =>
  'code' in error && /CERT|SIGNATURE|ISSUER/.test(String(error.code)) && !('syscall' in error);

/** What was not there when it was looked for has come meanwhile: the transaction is done again, and finds it. */
export class LostRace extends Error {
  readonly code = 'POSTGRES_40001';
  constructor() {
    super('Another process stored the same item first.');
    this.name = 'LostRace';
  }
}
