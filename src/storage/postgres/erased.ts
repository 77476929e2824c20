const FOREIGN_KEY = '23503';

/**
 * What something was being stored for was erased at the same moment. It counts as a fault of the storage (see `isStorageError`): whoever
 * tries again finds nobody to store it for.
 */
export class Erased extends Error {
  readonly code = 'POSTGRES_ERASED';
  constructor(cause?: unknown) {
    super('What this belongs to was erased while it was being stored.', { cause });
    this.name = 'Erased';
  }
}

/** Within the mirror nothing else can make a row point to nothing. */
export const asErased = (error: unknown): unknown =>
  error instanceof Error && 'code' in error && error.code === FOREIGN_KEY ? new Erased(error) : error;
