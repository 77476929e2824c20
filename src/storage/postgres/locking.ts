import type { Queries } from './database.ts';

/*
 * Who waits for whom: everybody takes these locks in the order in which they stand here, then bodies, then kinds, and at last, with the
 * commit, the account's row once more. So no two wait for each other.
 */

/** Whoever changes several items of an account is the only one who does, until the transaction is over. */
export async function lockSeveral(queries: Queries, accountId: number): Promise<void> {
  await queries.run('SELECT pg_advisory_xact_lock(741853, @accountId::integer)', { accountId });
}

/**
 * The account is there until the transaction is over: who erases it waits.
 *
 * @returns false when it was erased.
 */
export async function holdAccount(queries: Queries, accountId: number): Promise<boolean> {
  const row = await queries.get('SELECT 1 FROM accounts WHERE id = @accountId FOR KEY SHARE', { accountId });
  return row !== undefined;
}

/** After the item: what is counted of an account stays as it is until the transaction is over. */
export async function lockAccount(queries: Queries, accountId: number): Promise<void> {
  await queries.run('SELECT 1 FROM accounts WHERE id = @accountId FOR NO KEY UPDATE', { accountId });
}

/** The one place where it is decided who owns the installation. */
export async function lockOwnership(queries: Queries): Promise<void> {
  await queries.run('SELECT pg_advisory_xact_lock(741852, 4)');
}
