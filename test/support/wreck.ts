import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { DatabaseName } from '../../src/storage/migrate.ts';

const DATABASES: DatabaseName[] = ['inbox', 'mirror'];

/** What a killed Slipstream had not finished. */
export interface Wreck {
  deliveries: number;
  /** Deliveries that were not tasks yet. */
  untaken: number;
  /** Tasks that waited for a fetch. */
  pending: number;
  /** Tasks that were being fetched. */
  active: number;
  /** Those of them whose answer was in the mirror already. */
  applied: number;
  /** Accounts whose first copy was not listed to the end, or not copied to the end. */
  backfills: number;
}

/** Looks at copies: whoever opens a database after a crash mends it, and that is for Slipstream to do. */
export function inspectWreck(dataDir: string): Wreck {
  const folder = mkdtempSync(join(tmpdir(), 'slipstream-wreck-'));
  for (const file of DATABASES.flatMap((name) => [`${name}.db`, `${name}.db-wal`])) {
    if (existsSync(join(dataDir, file))) copyFileSync(join(dataDir, file), join(folder, file));
  }
  const db = new Database(join(folder, 'inbox.db'));
  db.prepare('ATTACH ? AS mirror').run(join(folder, 'mirror.db'));
  const wreck = db.prepare<[], Wreck>(WRECK).get();
  db.close();
  rmSync(folder, { recursive: true });
  if (!wreck) throw new Error('A SELECT without FROM has one row.');
  return wreck;
}

const WRECK = `SELECT
  (SELECT coalesce(max(id), 0) FROM deliveries) AS deliveries,
  (SELECT count(*) FROM deliveries WHERE id > (SELECT value FROM marks WHERE name = 'taken')) AS untaken,
  (SELECT count(*) FROM tasks WHERE state = 'pending') AS pending,
  (SELECT count(*) FROM tasks WHERE state = 'active') AS active,
  (SELECT count(*) FROM tasks WHERE state = 'active' AND seq IN (SELECT seq FROM mirror.fetches)) AS applied,
  (SELECT count(*) FROM mirror.accounts WHERE cursor IS NULL
     OR user_id IN (SELECT account FROM tasks WHERE priority = 2)) AS backfills`;

/** What still waits for something: nothing, once all is done. A line each. */
export function leftToDo(inbox: Database.Database): string[] {
  const tasks = inbox.prepare<[], string>(TASKS).pluck().all();
  const untaken = inbox.prepare<[], number>(UNTAKEN).pluck().get() ?? 0;
  return untaken === 0 ? tasks : [...tasks, `${untaken} deliveries that are not tasks yet`];
}

const TASKS = `
  SELECT state || ' task ' || account || ' ' || type || '/' || item_id || ' after ' || attempts || ' attempts' ||
    coalesce(': ' || last_error, '') FROM tasks`;
const UNTAKEN = `
  SELECT count(*) FROM deliveries WHERE unreadable IS NULL AND id > (SELECT value FROM marks WHERE name = 'taken')`;

/** Whether both files are whole; a line for each that is not. */
export function damages(dataDir: string): string[] {
  return DATABASES.flatMap((name) => {
    const db = new Database(join(dataDir, `${name}.db`), { readonly: true });
    const verdict = db.pragma('integrity_check', { simple: true });
    db.close();
    return verdict === 'ok' ? [] : [`${name}.db: ${verdict}`];
  });
}
