import { isStorageError } from '../failure.ts';
import type { Database } from './database.ts';

const DAY_MS = 86_400_000;
const DAYS_AHEAD = 2;
/** After it could not be done. */
const AGAIN_MS = 60_000;
/** Who stores a delivery waits no longer than this behind somebody who drops a day. */
const LOCK_MS = 200;

/** The day of what is kept apart. */
export const APART = -1;

export interface Days {
  /**
   * Sees to it that there are partitions for a day and those after it. Resolves when the day itself has one, as it has but for the very
   * first deliveries, or could not be given one: then they are deleted as rows. Never fails.
   */
  ahead(instant: number): Promise<void> | undefined;
  /** Drops the days before an instant, epoch milliseconds, of which every delivery was taken. @returns how many deliveries those were. */
  drop(before: number): Promise<number>;
}

/** Of an instant in epoch milliseconds: days since 1970, in UTC. */
export const dayOf = (instant: number): number => Math.floor(instant / DAY_MS);

const SELECT_DAYS = `
  SELECT (regexp_match(pg_get_expr(c.relpartbound, c.oid), '\\d+'))[1]::int AS day, c.oid::regclass::text AS name
  FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
  WHERE i.inhparent = 'deliveries'::regclass AND pg_get_expr(c.relpartbound, c.oid) <> 'DEFAULT'`;

// What nobody took yet outlives its day. What somebody takes at this moment stays, and the day waits for the next time.
const MOVE_APART = `
  WITH waiting AS (SELECT delivery_id FROM arrivals WHERE day = @day FOR UPDATE SKIP LOCKED),
    moved AS (UPDATE deliveries SET day = -1 WHERE day = @day AND id IN (SELECT delivery_id FROM waiting))
  UPDATE arrivals SET day = -1 WHERE delivery_id IN (SELECT delivery_id FROM waiting)`;

/** Partitions of `deliveries`. A delivery whose day has none is in the default one, and is deleted as a row. */
export function createDays(db: Database): Days {
  let madeThrough = 0;
  let making: Promise<void> | undefined;
  let notBefore = 0;

  async function make(today: number): Promise<void> {
    const through = today + DAYS_AHEAD;
    await db.transaction(async (queries) => {
      await queries.run(`SET LOCAL lock_timeout = ${LOCK_MS}`);
      await queries.run('SELECT make_day(day) FROM generate_series(@today::int, @through::int) AS day', {
        today,
        through,
      });
    });
    madeThrough = through;
  }

  async function dropDay(day: number, name: string): Promise<number> {
    try {
      return await db.transaction(async (queries) => {
        await queries.run(`SET LOCAL lock_timeout = ${LOCK_MS}`);
        await queries.run(MOVE_APART, { day });
        const row = await queries.get<{ held: number }>('SELECT drop_day(@day, @name::regclass) AS held', {
          day,
          name,
        });
        return row?.held ?? 0;
      });
    } catch (error) {
      if (isStorageError(error) && error.code === 'POSTGRES_55P03') return 0;
      throw error;
    }
  }

  return {
    ahead(instant) {
      const today = dayOf(instant);
      // Old deliveries are no reason: what is replayed, or stored by a test, may be from any year.
      if (madeThrough > today || today < dayOf(Date.now()) - 1 || performance.now() < notBefore) return undefined;
      making ??= make(today)
        .catch(() => {
          // Nothing is lost, and `drop` says what is wrong.
          notBefore = performance.now() + AGAIN_MS;
        })
        .finally(() => {
          making = undefined;
        });
      return madeThrough < today ? making : undefined;
    },
    async drop(before) {
      await make(dayOf(Date.now()));
      const days = await db.all<{ day: number; name: string }>(SELECT_DAYS);
      let dropped = 0;
      for (const { day, name } of days) if ((day + 1) * DAY_MS <= before) dropped += await dropDay(day, name);
      return dropped;
    },
  };
}
