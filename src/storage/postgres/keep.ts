import pg from 'pg';
import type { NewDelivery } from '../inbox.ts';
import { pack } from '../packing.ts';
import { createBatches } from './batches.ts';
import type { Database, Queries } from './database.ts';
import { APART, type Days, dayOf } from './days.ts';
import { columnsOf } from './enqueue.ts';
import { keepUnreadable } from './unreadable.ts';

const CHECK_VIOLATION = '23514';
const MOST_AT_ONCE = 1_000;
const MOST_BYTES = 16 * 1024 * 1024;

// The bodies are one value, cut up by the server: as a list they would be sent as text, twice as long. Whoever deletes a row of
// `arrivals` makes tasks of its delivery.
const INSERT = `
  WITH kept AS (
    INSERT INTO deliveries (day, source, client, received_at, headers, body, packed, sealed, unreadable)
    SELECT n.day, n.source, n.client, n.received_at, n.headers, substring(@bodies::bytea FROM n.start FOR n.length), n.packed, n.sealed, n.unreadable
    FROM unnest(@day::int[], @source::text[], @client::text[], @receivedAt::bigint[], @headers::text[], @start::int[], @length::int[],
      @packed::boolean[], @sealed::boolean[], @unreadable::text[]) WITH ORDINALITY
      AS n (day, source, client, received_at, headers, start, length, packed, sealed, unreadable, nth)
    ORDER BY n.nth
    RETURNING id, day, unreadable
  ), arrived AS (
    INSERT INTO arrivals (delivery_id, day) SELECT id, day FROM kept WHERE unreadable IS NULL
  )
  SELECT id FROM kept ORDER BY id`;

interface Row {
  day: number;
  source: string;
  client: string;
  receivedAt: number;
  headers: string;
  body: Buffer;
  packed: boolean;
  sealed: boolean;
  unreadable: string | null;
}

/** @param db Its own connection, so that acknowledging waits for nothing but its own commit. */
export function createKeep(db: Database, days: Days, patience: number): (delivery: NewDelivery) => Promise<number> {
  async function write(deliveries: readonly NewDelivery[]): Promise<number[]> {
    await days.ahead(Math.max(...deliveries.map(({ receivedAt }) => receivedAt)));
    const rows = deliveries.map(rowOf);
    if (!deliveries.some(({ unreadable }) => unreadable)) return insert(db, rows);
    return db.transaction(async (queries) => {
      const ids = await insert(queries, rows);
      await keepUnreadable(
        queries,
        deliveries.flatMap((each, at) => letterOf(each, ids[at])),
      );
      return ids;
    });
  }

  function again(error: unknown, deliveries: readonly NewDelivery[]): Promise<number[]> {
    if (!isMisplaced(error)) throw error;
    return write(deliveries);
  }

  return createBatches((deliveries) => write(deliveries).catch((error) => again(error, deliveries)), {
    patience,
    most: MOST_AT_ONCE,
    mostBytes: MOST_BYTES,
    bytesOf: ({ body }) => body.length,
  });
}

/** Its day was given a partition after the server had chosen another place for it: the next time it finds that. */
const isMisplaced = (error: unknown): boolean => error instanceof pg.DatabaseError && error.code === CHECK_VIOLATION;

async function insert(queries: Queries, rows: readonly Row[]): Promise<number[]> {
  let start = 1;
  const placed = rows.map(({ body, ...row }) => {
    const place = { ...row, start, length: body.length };
    start += body.length;
    return place;
  });
  const bodies = Buffer.concat(rows.map(({ body }) => body));
  const kept = await queries.all<{ id: number }>(INSERT, { ...columnsOf(placed), bodies });
  return kept.map(({ id }) => id);
}

function rowOf({ source, client, receivedAt, headers, body, sealed = false, unreadable }: NewDelivery): Row {
  return {
    // What a dead letter is about outlives its day.
    day: unreadable ? APART : dayOf(receivedAt),
    source,
    client,
    receivedAt: Math.floor(receivedAt),
    headers: JSON.stringify(headers),
    // Sealed bytes are as good as random: packing finds nothing in them.
    ...(sealed ? { body, packed: false } : packed(body)),
    sealed,
    unreadable: unreadable?.code ?? null,
  };
}

function packed(bytes: Buffer): Pick<Row, 'body' | 'packed'> {
  const { body, packed } = pack(bytes);
  return { body, packed: packed === 1 };
}

function letterOf({ source, receivedAt, unreadable, evidence = '' }: NewDelivery, deliveryId: number | undefined) {
  if (!unreadable || deliveryId === undefined) return [];
  return [{ kind: 'delivery' as const, source, deliveryId, problem: unreadable, evidence, learntAt: receivedAt }];
}
