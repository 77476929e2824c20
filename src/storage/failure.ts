/** What the system says of a disk that is full, broken, read-only or used up by its quota. */
const SYSTEM_CODES = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO', 'EROFS', 'EMFILE', 'ENFILE']);

/** Our own disk or database refuses: full, locked, broken. Nothing is wrong with what was to be stored, and it is tried again. */
export const isStorageError = (error: unknown): error is Error & { code: string } =>
  error instanceof Error &&
  'code' in error &&
  typeof error.code === 'string' &&
  (error.code.startsWith('SQLITE_') || error.code.startsWith('POSTGRES_') || SYSTEM_CODES.has(error.code));
