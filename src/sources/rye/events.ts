import type { Answer, HttpClient } from '../../http/client.ts';
import { NotTheProvider, Unacceptable, Unauthorized } from '../../http/errors.ts';
import { parseJson } from '../../http/json.ts';
import { isObject } from '../element.ts';
import type { Changes, Credentials } from '../source.ts';
import { createHistory, startOf } from './history.ts';

const PATH = '/api/v1/events';
/** The provider's limit is unknown; it may give fewer. */
const PAGE_SIZE = 100;
/** A list without end is a fault, not a history. */
const MOST_PAGES = 5_000;
const MOST_CURSOR = 1_000;

interface Page {
  events: Record<string, unknown>[];
  /** Where the page ends, to be passed as `after`; undefined: it is empty. */
  end: string | undefined;
  isLast: boolean;
  clockOffset: number;
}

/** `GET /api/v1/events?after=&limit=`: what webhooks of v2 said, each event as it was sent. */
export function createEvents(http: HttpClient) {
  async function pageAfter(after: string, { headers }: Credentials): Promise<Page | 'unknown'> {
    const query = after === '' ? '' : `&after=${encodeURIComponent(after)}`;
    const answer = await http.get(`${PATH}?limit=${PAGE_SIZE}${query}`, headers);
    if (answer.status === 401) throw new Unauthorized();
    if (answer.status === 200) return pageIn(answer);
    if (after !== '' && [400, 404, 410, 422].includes(answer.status)) return 'unknown';
    throw new Unacceptable(`http-${answer.status}`, `It answered ${answer.status} where its events are.`, { answer });
  }

  async function changesSince(mark: string | null, credentials: Credentials): Promise<Changes> {
    const history = createHistory(mark);
    const passed = new Set<string>();
    let after = startOf(mark);
    while (passed.size < MOST_PAGES && !passed.has(after)) {
      passed.add(after);
      const page = await pageAfter(after, credentials);
      if (page === 'unknown') {
        if (passed.size > 1) break;
        // Too old, or of another environment: all is read again, and what is here already does not change by that.
        return changesSince(null, credentials);
      }
      history.add(page.events, page.end);
      if (page.isLast || history.isReached()) {
        return { ...history.changes(), clockOffset: page.clockOffset, announced: true };
      }
      after = page.end ?? after;
    }
    throw new NotTheProvider('The list of events has no end.');
  }

  return {
    changesSince,
    /** Does Rye take the key? @throws Unauthorized */
    async probe({ headers }: Credentials): Promise<void> {
      const { status } = await http.get(`${PATH}?limit=1`, headers);
      if (status === 401) throw new Unauthorized();
    },
  };
}

/**
 * `{data, pageInfo: {endCursor, hasNextPage}}` as Rye's own client libraries read it; the rest is in case that it is another one. A
 * provider that does not say whether more follows has more until a page is empty.
 */
function pageIn(answer: Answer): Page {
  const value = parseJson(answer);
  const page = isObject(value) ? value : { data: value };
  const list = page.data ?? page.events;
  if (!Array.isArray(list)) throw new NotTheProvider('The list of events came in an unknown form.', { answer });
  const events = list.filter(isObject);
  const info = isObject(page.pageInfo) ? page.pageInfo : {};
  const more = info.hasNextPage ?? page.has_more ?? page.hasMore;
  const end = info.endCursor ?? events.at(-1)?.id;
  const isLast = list.length === 0 || more === false;
  if (list.length > 0 && (typeof end !== 'string' || end === '' || end.length > MOST_CURSOR))
    throw new NotTheProvider('The list of events does not say where it goes on.', { answer });
  return {
    events,
    end: list.length > 0 && typeof end === 'string' ? end : undefined,
    isLast,
    clockOffset: answer.clockOffset,
  };
}
