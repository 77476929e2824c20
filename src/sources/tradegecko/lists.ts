import type { Answer } from '../../http/client.ts';
import { NotTheProvider } from '../../http/errors.ts';
import { parseJson } from '../../http/json.ts';
import { isObject } from '../element.ts';
import type { Credentials } from '../source.ts';
import { absence } from './errors.ts';
import type { Pace } from './pace.ts';
import { idIn, pathOf, type ResourceType } from './resources.ts';

/** The provider's own default. */
const PAGE_SIZE = 100;
/** Lists without end are a fault, not a stock. */
const MOST_PAGES = 10_000;
/** A list that never stands still is taken as it is: what it lacks is in the next one. */
const MOST_READINGS = 3;

type Records = Map<string, Record<string, unknown>>;

/**
 * Every record of a kind, or those updated since. The order of a list is not documented, and pages of one that is not in order overlap and
 * leave out: so it is asked for. What is deleted meanwhile still moves others over the edge of a page, hence a second reading.
 */
export async function listAll(
  pace: Pick<Pace, 'getInTime'>,
  type: ResourceType,
  since: string | null,
  credentials: Credentials,
): Promise<{ records: Records; first: Answer; isOffered: boolean }> {
  const records: Records = new Map();
  for (let reading = 1; ; reading += 1) {
    const { first, moved } = await readOnce(pace, type, since, credentials, records);
    if (!moved || reading === MOST_READINGS) return { records, first, isOffered: first.status === 200 };
  }
}

async function readOnce(
  pace: Pick<Pace, 'getInTime'>,
  type: ResourceType,
  since: string | null,
  { headers }: Credentials,
  records: Records,
): Promise<{ first: Answer; moved: boolean }> {
  const query = since === null ? '' : `&updated_at_min=${encodeURIComponent(since)}`;
  const seen = new Set<string>();
  const totals = new Set<number>();
  let first: Answer | undefined;
  let rows = 0;
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const path = `/${pathOf(type)}?limit=${PAGE_SIZE}&page=${page}&order=created_at%20asc${query}`;
    const answer = await pace.getInTime(path, headers);
    first ??= answer;
    const { list, total } = pageIn(answer, type);
    rows += list.length;
    if (total !== undefined) totals.add(total);
    for (const record of list) {
      const id = isObject(record) ? idIn(record.id) : undefined;
      if (!id || !isObject(record)) continue;
      seen.add(id);
      records.set(id, record);
    }
    // Where the total is not told, only an empty page is surely the last: the provider may give fewer than were asked for.
    if (list.length === 0 || (total !== undefined && rows >= total)) {
      return { first, moved: seen.size < rows || totals.size > 1 || (total !== undefined && rows < total) };
    }
  }
  throw new NotTheProvider('A list had no end.');
}

/** `{"orders": […], "meta": {"total": 658}}` in recordings of the official client library. */
function pageIn(answer: Answer, type: ResourceType): { list: unknown[]; total: number | undefined } {
  // Not every system that speaks this dialect has every kind, nor may every token see it: then there is nothing of it to copy. What is here
  // of it already is asked for one by one, and it is those answers that count.
  if (answer.status !== 200) {
    if (answer.status !== 404) absence(answer);
    return { list: [], total: 0 };
  }
  const value = parseJson(answer);
  const list = isObject(value) ? value[pathOf(type)] : undefined;
  if (!isObject(value) || !Array.isArray(list)) throw new NotTheProvider('A list came in an unknown form.', { answer });
  const total = isObject(value.meta) ? value.meta.total : undefined;
  return { list, total: typeof total === 'number' ? total : undefined };
}
