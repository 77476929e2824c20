/** How far an archive is that is being written. */
export interface ZipProgress {
  done: number;
  total: number;
  state: 'running' | 'done' | 'stopped';
}

/** Archives of all accounts that somebody may still ask about. */
const MOST = 200;

/** Who downloads an archive names it by a ticket of their own, and asks about it with that. Kept in memory: it ends with the connection. */
export function createZipProgress() {
  const known = new Map<string, ZipProgress>();
  const keyOf = (accountId: number, ticket: string) => `${accountId} ${ticket}`;

  return {
    /** @returns to be told of each file, and of the end. */
    begin(accountId: number, ticket: string, total: number) {
      const progress: ZipProgress = { done: 0, total, state: 'running' };
      known.set(keyOf(accountId, ticket), progress);
      for (const oldest of known.keys()) {
        if (known.size <= MOST) break;
        known.delete(oldest);
      }
      return {
        file: () => {
          progress.done += 1;
        },
        end: (state: 'done' | 'stopped') => {
          progress.state = state;
        },
      };
    },
    of: (accountId: number, ticket: string): ZipProgress | undefined => known.get(keyOf(accountId, ticket)),
  };
}
