import type { Queries } from './database.ts';

/** A provider that keeps sending what cannot be read must not fill the disk: beyond either of these the oldest letters make room. */
const MOST = { letters: 1_000, bytes: 64 * 1024 * 1024 };
/** As much room is made at once, because finding the oldest takes longer than storing one more. */
const LEFT = 0.9;

/** What a letter of an unreadable delivery holds is apart from its day: one partition is looked into, and no body is read for its length. */
const HELD = `FROM dead_letters LEFT JOIN deliveries ON kind = 'delivery' AND deliveries.id = delivery_id AND deliveries.day = -1
  WHERE kind <> 'task'`;

const MEASURE = `SELECT count(*) AS letters, coalesce(sum(octet_length(body)), 0) AS bytes ${HELD}`;

const DROP = `
  WITH dropped AS (
    DELETE FROM dead_letters WHERE id IN (
      SELECT id FROM (
        SELECT dead_letters.id, row_number() OVER newest AS nth, sum(octet_length(body)) OVER newest AS bytes ${HELD}
        WINDOW newest AS (ORDER BY dead_letters.id DESC)) AS letters
      WHERE nth > @letters OR bytes > @bytes)
    RETURNING delivery_id
  ), forgotten AS (
    -- Nothing but its letter leads to an unreadable delivery. Of a readable one only an element was bad.
    DELETE FROM deliveries WHERE day = -1 AND unreadable IS NOT NULL AND id IN (SELECT delivery_id FROM dropped)
  )
  INSERT INTO marks (name, value) SELECT 'letters_dropped', count(*) FROM dropped HAVING count(*) > 0
  ON CONFLICT (name) DO UPDATE SET value = marks.value + excluded.value`;

/** Within an open transaction, after letters about what could not be read were stored. Those about a task are as many as there are items, and stay. */
export async function makeRoom(queries: Queries): Promise<void> {
  const { letters = 0, bytes = 0 } = (await queries.get<{ letters: number; bytes: number }>(MEASURE)) ?? {};
  if (letters <= MOST.letters && bytes <= MOST.bytes) return;
  await queries.run(DROP, { letters: Math.floor(MOST.letters * LEFT), bytes: Math.floor(MOST.bytes * LEFT) });
}

/** How many letters have ever made room. */
export async function droppedLetters(queries: Queries): Promise<number> {
  const row = await queries.get<{ value: number }>("SELECT value FROM marks WHERE name = 'letters_dropped'");
  return row?.value ?? 0;
}
