import { WrongConfig } from '../config.ts';
import { UnusableTiles } from '../ground/tiles.ts';
import { OtherKey } from '../same-key.ts';
import { BrokenKeyFile } from '../seal.ts';
import { WrongBackup } from '../storage/backup.ts';
import { NewerDatabase } from '../storage/migrate.ts';
import { CannotMove } from '../storage/move/cannot-move.ts';
import { AtWork, BeingFilled, NewerSchema, NotUnicode } from '../storage/postgres/refusals.ts';
import { FolderInUse } from '../storage/sqlite/lock.ts';
import { DamagedDatabase } from '../storage/sqlite/open.ts';
import { RestoreCutOff } from '../storage/sqlite/restore.ts';
import { sentenceOfPostgres } from './postgres-failure.ts';

/** What went wrong, for people: what happened, what it means, what to do. Nothing else is shown of it. */
export class Failure extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'Failure';
  }
}

interface SystemError extends Error {
  code: string;
  path?: string;
  port?: number;
  address?: string;
  syscall?: string;
}

type Sentence = (error: SystemError) => string;

const cannotWrite: Sentence = ({ path, syscall }) =>
  syscall === 'listen'
    ? 'This port may not be opened by your user, so Slipstream did not start. Set PORT to one above 1023.'
    : `${path ?? 'The data folder'} cannot be written, so nothing was stored. Make it writable for the user that runs Slipstream, or set DATA_DIR to another folder.`;

const damaged: Sentence = () =>
  'A database file in DATA_DIR is damaged or is no database. Nothing was changed. "slipstream doctor" names the file; put a backup in its place.';

const unreadableAddress: Sentence = ({ address }) =>
  `HOST names an address${address ? ` (${address})` : ''} that this machine does not have, so Slipstream did not start. Use 127.0.0.1, or 0.0.0.0 for all of its addresses.`;

/** By the code of an error of Node or SQLite. */
const SENTENCES: Record<string, Sentence> = {
  EADDRINUSE: ({ port, address }) =>
    `Port ${port ?? ''} on ${address ?? 'this machine'} is taken by another program, so this one did not start. Stop the other one, or set PORT to a free port.`,
  EADDRNOTAVAIL: unreadableAddress,
  ENOTFOUND: unreadableAddress,
  EACCES: cannotWrite,
  EPERM: cannotWrite,
  EROFS: cannotWrite,
  ENOTDIR: ({ path }) => `${path ?? 'DATA_DIR'} is a file and no folder. Set DATA_DIR to a folder.`,
  EEXIST: ({ path }) => `${path ?? 'DATA_DIR'} is a file and no folder. Set DATA_DIR to a folder.`,
  ENOSPC: () =>
    'The disk is full, so nothing more can be stored. Free some space and try again; what was stored is safe.',
  SQLITE_FULL: () =>
    'The disk is full, so nothing more can be stored. Free some space and try again; what was stored is safe.',
  SQLITE_CANTOPEN: () =>
    'A database in DATA_DIR cannot be opened. Check that the folder and its files belong to the user that runs Slipstream, or set DATA_DIR to another folder.',
  SQLITE_READONLY: () =>
    'A database in DATA_DIR cannot be written. Check that the folder and its files belong to the user that runs Slipstream.',
  SQLITE_BUSY: () => 'Another program has locked a database in DATA_DIR. Close it and try again.',
  SQLITE_NOTADB: damaged,
  SQLITE_CORRUPT: damaged,
  SQLITE_ERROR: ({ message }) =>
    /no such (table|column)|has no column named/.test(message)
      ? 'The databases in DATA_DIR were made by another version of Slipstream. Run "slipstream migrate", then try again.'
      : unexpected(message),
};

/** Errors whose message was written for people. */
const SPEAKS_FOR_ITSELF = [
  Failure,
  AtWork,
  NewerDatabase,
  NewerSchema,
  BeingFilled,
  NotUnicode,
  CannotMove,
  BrokenKeyFile,
  DamagedDatabase,
  FolderInUse,
  OtherKey,
  RestoreCutOff,
  UnusableTiles,
  WrongBackup,
];

/** Sentences for people; with LOG_LEVEL=debug also where it happened. */
export function explain(error: unknown, logLevel: string | undefined): string {
  const sentence = sentenceFor(error);
  if (logLevel !== 'debug' && logLevel !== 'trace') return sentence;
  return `${sentence}\n${stackOf(error)}`;
}

function sentenceFor(error: unknown): string {
  if (!(error instanceof Error)) return unexpected(String(error));
  if (SPEAKS_FOR_ITSELF.some((kind) => error instanceof kind)) return error.message;
  if (error instanceof WrongConfig)
    return `${error.message}\nNothing was started. Correct it in the environment or in .env.`;
  if (!hasCode(error)) return unexpected(error.message);
  const ofPostgres = sentenceOfPostgres(error);
  if (ofPostgres !== undefined) return ofPostgres;
  // SQLite's codes grow suffixes: SQLITE_READONLY_DIRECTORY, SQLITE_CORRUPT_INDEX.
  const [base] = /^(SQLITE_[A-Z]+)/.exec(error.code) ?? [error.code];
  return (SENTENCES[base] ?? ((one) => unexpected(one.message)))(error);
}

const hasCode = (error: Error): error is SystemError => 'code' in error && typeof error.code === 'string';

const unexpected = (message: string): string =>
  `Something unexpected happened: ${message}\nSet LOG_LEVEL=debug to see where; "slipstream doctor" checks the usual causes.`;

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const cause = error.cause === undefined ? '' : `\nCaused by: ${stackOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
