import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { everybodyOf } from '../inbox.ts';
import { keyWord } from '../same-key.ts';
import { createSeal, type Seal, secretKeysIn, Unsealable } from '../seal.ts';
import { KEY_WORD } from '../storage/board.ts';
import { copyInstallation, type Moved } from '../storage/move/copy.ts';
import { type Installation, openInstallation } from '../storage/move/installation.ts';
import { type Sealed, sealedIn } from '../storage/move/sealed.ts';
import type { Context } from './context.ts';
import { databaseName } from './database-name.ts';
import { Failure } from './failure.ts';
import type { Progress } from './progress.ts';
import { table } from './table.ts';

const LABELS = { rows: 'Copying', photos: 'Copying photos', verifying: 'Comparing' } as const;

/** `migrate --from sqlite`. */
export async function moveFromSqlite(context: Context, json = false): Promise<void> {
  const config = context.config();
  const { dataDir, databaseUrl } = config;
  if (databaseUrl === undefined) {
    throw new Failure(
      'DATABASE_URL is not set, so there is nowhere to copy to. Set it to an empty database of PostgreSQL, such as postgres://user:password@localhost:5432/slipstream.',
    );
  }
  const here = openInstallation(dataDir);
  const bars = createBars(context);
  try {
    const seal = sealOf(config);
    const unopenable = countUnopenable(here, config, seal);
    const board = seal ? { [KEY_WORD]: keyWord(seal) } : {};
    const moved = await copyInstallation(here, databaseUrl, board, bars.update);
    bars.end();
    const to = databaseName(databaseUrl);
    if (json) return context.json(asJson(moved, dataDir, to, unopenable));
    context.say(answerOf(moved, config, to));
    for (const note of notesOf(moved, unopenable)) context.note(note);
  } finally {
    bars.end();
    here.close();
  }
}

/** One bar after the other. */
function createBars(context: Context) {
  let phase: keyof typeof LABELS | undefined;
  let bar: Progress | undefined;
  return {
    update(next: keyof typeof LABELS, done: number, total: number): void {
      if (next !== phase) {
        bar?.end();
        bar = context.progress(LABELS[next]);
        phase = next;
      }
      bar?.update(done, total);
    },
    end: () => bar?.end(),
  };
}

/** @throws Failure when nothing sealed can be opened: a copy of it would be worthless, and nobody would notice before the first fetch. */
function countUnopenable(here: Installation, config: Config, seal: Seal | undefined): number {
  const sealed = sealedIn(here);
  const closed = sealed.filter((each) => !opens(each, seal)).length;
  if (closed < sealed.length || closed === 0) return closed;
  throw new Failure(
    `The key that opens the stored tokens is not here, and without it a copy would be worthless. Nothing was copied. ${whatToDo(config, seal)}`,
  );
}

function whatToDo({ dataDir, secretKeys }: Config, seal: Seal | undefined): string {
  if (secretKeys)
    return 'Set SECRET_KEY to what it was when Slipstream ran on DATA_DIR, or take it away if it ran without one.';
  if (seal) return 'Put the secret.key back that Slipstream ran with, or set SECRET_KEY if it ran with one.';
  return `Put secret.key back into DATA_DIR ${dataDir}, or set SECRET_KEY to what it was.`;
}

/** Looking for a key must not make one. */
function sealOf({ secretKeys, dataDir }: Config): Seal | undefined {
  if (secretKeys) return createSeal(secretKeys);
  return existsSync(join(dataDir, 'secret.key')) ? createSeal(secretKeysIn(dataDir)) : undefined;
}

function opens({ sealed, source, account }: Sealed, seal: Seal | undefined): boolean {
  try {
    seal?.openBytes(sealed, account === null ? everybodyOf(source) : { source, account });
    return seal !== undefined;
  } catch (error) {
    if (error instanceof Unsealable) return false;
    throw error;
  }
}

const asJson = ({ tables, pictures, replaced }: Moved, from: string, to: string, unopenable: number) => ({
  from,
  to,
  tables,
  photos: pictures,
  texts_with_nul: replaced,
  unopenable,
});

function answerOf({ tables, pictures }: Moved, { dataDir, secretKeys }: Config, to: string): string {
  const rows = tables.reduce((sum, each) => sum + each.rows, 0);
  const list = table(
    ['Table', 'Rows', 'SHA-256 on both sides'],
    tables.map((each) => [each.name, String(each.rows), `${each.sha256.slice(0, 16)}…`]),
  );
  const key = secretKeys
    ? 'SECRET_KEY stays what it is, for every process.'
    : `${join(dataDir, 'secret.key')} still opens the tokens: keep it. Processes on other machines need what is in it as SECRET_KEY.`;
  return [
    list,
    '',
    `Copied and compared: ${rows} rows and ${counted(pictures.files, 'photo')} (${(pictures.bytes / 1e6).toFixed(1)} MB), from ${dataDir} into ${to}. Everything is there as it was; DATA_DIR was not changed.`,
    '',
    'What to do next:',
    '  1. Put DATABASE_URL into .env or the environment of every process, and start Slipstream.',
    `  2. ${key}`,
    '  3. Keep inbox.db, mirror.db and photos until PostgreSQL has a backup of its own (pg_dump); then delete them. Do not start Slipstream on them again: what it receives there is not in PostgreSQL.',
  ].join('\n');
}

function notesOf({ pictures: { missing }, replaced }: Moved, unopenable: number): string[] {
  const notes = {
    [`Missing or damaged in DATA_DIR, and left out: ${counted(missing, 'photo')}. At the next start they are copied again, where Ride With GPS still has them.`]:
      missing,
    [`With a NUL character, which PostgreSQL does not have: ${counted(replaced, 'text')}. There is \uFFFD in its place now.`]:
      replaced,
    [`Sealed with a key that is not here, before and after: ${counted(unopenable, 'token')}. Such an account has to connect again.`]:
      unopenable,
  };
  return Object.entries(notes).flatMap(([note, count]) => (count > 0 ? [note] : []));
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
