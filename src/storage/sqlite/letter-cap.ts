import type { Database } from 'better-sqlite3';

/** A provider that keeps sending what cannot be read must not fill the disk: beyond either of these the oldest letters make room. */
const MOST = { letters: 1_000, bytes: 64 * 1024 * 1024 };
/** As much room is made at once, because finding the oldest takes longer than storing one more. */
const LEFT = 0.9;

/** What the letters hold: those of unreadable deliveries hold the whole body. */
interface Tally {
  letters: number;
  bytes: number;
}

/** For letters about what could not be read. Those about a task are as many as there are items, and stay. */
export function createLetterCap(db: Database) {
  const held =
    "FROM dead_letters LEFT JOIN deliveries ON kind = 'delivery' AND deliveries.id = delivery_id WHERE kind <> 'task'";
  const measure = db.prepare<[], Tally>(`SELECT count(*) AS letters, coalesce(sum(length(body)), 0) AS bytes ${held}`);
  const drop = db.prepare<[number, number], { delivery_id: number | null }>(`
    DELETE FROM dead_letters WHERE id IN (
      SELECT id FROM (
        SELECT dead_letters.id, row_number() OVER newest AS nth, sum(length(body)) OVER newest AS bytes ${held}
        WINDOW newest AS (ORDER BY dead_letters.id DESC))
      WHERE nth > ? OR bytes > ?)
    RETURNING delivery_id`);
  // Nothing but its letter leads to an unreadable delivery. Of a readable one only an element was bad.
  const forget = db.prepare<[number | null]>('DELETE FROM deliveries WHERE id = ? AND unreadable IS NOT NULL');
  const count = db.prepare<[number]>(`
    INSERT INTO marks (name, value) VALUES ('letters_dropped', ?) ON CONFLICT DO UPDATE SET value = value + excluded.value`);
  const dropped = db.prepare<[], number>("SELECT value FROM marks WHERE name = 'letters_dropped'").pluck();
  /** Never less than there is: a letter that was closed, or rolled back, is still counted until the next measuring. */
  let tally: Tally | undefined;

  function makeRoom(): void {
    const letters = drop.all(MOST.letters * LEFT, MOST.bytes * LEFT);
    for (const { delivery_id } of letters) forget.run(delivery_id);
    if (letters.length > 0) count.run(letters.length);
    tally = measure.get();
  }

  return {
    /** Within an open transaction, after a letter was stored. `bytes` is the length of the delivery that is kept for it. */
    added(bytes: number): void {
      tally = tally ? { letters: tally.letters + 1, bytes: tally.bytes + bytes } : measure.get();
      if (tally && (tally.letters > MOST.letters || tally.bytes > MOST.bytes)) makeRoom();
    },
    /** How many letters have ever made room. */
    dropped: (): number => dropped.get() ?? 0,
  };
}
