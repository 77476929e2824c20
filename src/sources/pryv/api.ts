import { NotTheProvider, Unacceptable } from '../../http/errors.ts';
import type { Key, Statement } from '../../vocabulary.ts';
import { isObject, jsonBytes } from '../element.ts';
import type { Change, Changes, Credentials, Inventory, Snapshot, Source } from '../source.ts';
import { type Ask, refused } from './ask.ts';
import { describe, instantOf, versionOf } from './describe.ts';
import { accountOf, userOf } from './endpoint.ts';
import { isId, type Listed, listEvents, listStreams } from './lists.ts';

/** What is stamped a moment earlier may become visible later. What is listed again and is here already is not fetched again. */
const OVERLAP_S = 60;

/** The API of one user. Paths are made of types and checked ids, under the endpoint that the token came with. */
export function createApi(ask: Ask) {
  async function fetchEvent(key: Key, credentials: Credentials): Promise<Snapshot> {
    if (!isId(key.id)) throw new Unacceptable('no-id', 'Its id is not one of Pryv’s.');
    const reply = await ask.get(`events/${encodeURIComponent(key.id)}`, credentials);
    if (!reply.ok) {
      if (reply.status === 404 && reply.id === 'unknown-resource') return { kind: 'gone' };
      if (reply.status === 403) return { kind: 'forbidden', answer: reply.answer };
      throw refused(reply);
    }
    const { event } = reply.object;
    if (!isObject(event)) throw new NotTheProvider('The answer is not an event.', { answer: reply.answer });
    // What is deleted is answered by its id and when it was deleted, where it is answered at all.
    const deleted = instantOf(event.deleted);
    return deleted === undefined ? presentOf(event, key, reply.answer.beganAt) : { kind: 'gone', version: deleted };
  }

  /** The API has no way to ask for one stream: it is looked for among all. */
  async function fetchStream(key: Key, credentials: Credentials): Promise<Snapshot> {
    const { items, beganAt } = await listStreams(ask, null, credentials);
    const stream = items.find(({ id }) => id === key.id);
    return stream ? presentOf(stream, key, beganAt) : { kind: 'gone' };
  }

  /** Where nothing tells what the token is, it is tried: who may read events is let in. */
  async function accessInfo(credentials: Credentials): Promise<Record<string, unknown>> {
    try {
      return (await ask.object('access-info', credentials)).object;
    } catch (error) {
      if (!(error instanceof NotTheProvider || error instanceof Unacceptable)) throw error;
      await ask.object('events?limit=1', credentials);
      return {};
    }
  }

  async function whoAmI(credentials: Credentials): Promise<{ userId: string; name: string }> {
    const object = await accessInfo(credentials);
    // The user is in it since version 1.7 of the API; before that only the address knows.
    const endpoint = { url: credentials.endpoint ?? '' };
    const name = isObject(object.user) && typeof object.user.username === 'string' ? object.user.username : '';
    return { userId: accountOf(endpoint), name: name || userOf(endpoint) };
  }

  return {
    describe,
    whoAmI,

    async fetch(key, credentials, statement) {
      if (key.type === 'account') {
        await whoAmI(credentials);
        return { kind: 'accepted' };
      }
      if (statement) return stated(statement, key);
      return key.type === 'stream' ? fetchStream(key, credentials) : fetchEvent(key, credentials);
    },

    async changesSince(cursor, credentials): Promise<Changes> {
      const mark = cursor === null ? 0 : Number(cursor);
      if (!Number.isFinite(mark)) throw new Error('The mark of the last time is not a number of seconds.');
      const since = Math.max(0, mark - OVERLAP_S);
      const streams = await listStreams(ask, since, credentials);
      const events = await listEvents(ask, since, credentials);
      return {
        changes: [...changesIn('stream', streams), ...changesIn('event', events)],
        cursor: String(Math.max(mark, markOf(streams, events))),
        clockOffset: events.clockOffset,
        announced: false,
      };
    },

    async inventory(credentials): Promise<Inventory> {
      const streams = await listStreams(ask, null, credentials);
      const events = await listEvents(ask, null, credentials);
      return { owned: [...entriesIn('stream', streams), ...entriesIn('event', events)], pinned: [] };
    },
  } satisfies Partial<Source>;
}

const presentOf = (item: Record<string, unknown>, key: Key, beganAt: number): Snapshot => {
  const raw = jsonBytes(item);
  if (!raw) throw new Unacceptable('too-deep', 'It is nested too deeply to be kept.');
  return { kind: 'present', raw, beganAt, describe: () => describe(raw, key) };
};

function stated({ version, body }: Statement, key: Key): Snapshot {
  if (body === null) return { kind: 'gone', version };
  // Between two threads it became a plain array of bytes.
  const raw = Buffer.from(body);
  return { kind: 'present', raw, stated: true, beganAt: 0, describe: () => describe(raw, key) };
}

function changesIn(type: 'event' | 'stream', { items, deletions }: Listed): Change[] {
  const changed = items.map((item): Change => {
    const version = versionOf(item);
    // What cannot be written is asked for alone, and set aside alone.
    const body = jsonBytes(item);
    const statement = version !== undefined && body && { statement: { version, body } };
    const action = item.trashed === true ? 'trashed' : 'changed';
    return {
      type,
      id: item.id,
      action,
      happenedAt: Date.parse(version ?? '') || 0,
      announcesDeletion: false,
      ...statement,
    };
  });
  const deleted = deletions.flatMap(({ id, deleted }): Change[] => {
    const version = instantOf(deleted);
    if (version === undefined) return [];
    const happenedAt = Date.parse(version);
    return [{ type, id, action: 'deleted', happenedAt, announcesDeletion: true, statement: { version, body: null } }];
  });
  return [...changed, ...deleted];
}

/**
 * The greatest `modified` or `deleted` that was seen, in seconds: `meta.serverTime` may be ahead of what is visible. What was stamped
 * after the first list was asked for counts the next time, because that list cannot have had what came between; and one stamp in the
 * future would else hide every change until then.
 */
function markOf(streams: Listed, events: Listed): number {
  const seconds = [streams, events].flatMap(({ items, deletions }) => [
    ...items.map(({ modified }) => modified),
    ...deletions.map(({ deleted }) => deleted),
  ]);
  let greatest = 0;
  for (const each of seconds) if (typeof each === 'number' && Number.isFinite(each) && each > greatest) greatest = each;
  return Math.min(greatest, streams.askedAt ?? streams.beganAt / 1_000);
}

const entriesIn = (type: 'event' | 'stream', { items }: Listed) =>
  items.map((item) => ({ type, id: item.id, version: versionOf(item) ?? null }));
