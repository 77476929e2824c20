import type { PryvWebhook, Sender } from './sender.ts';
import type { PryvStream, PryvWorld } from './world.ts';

/** One request under the user's endpoint. */
export interface Call {
  method: string;
  /** Without the slash at its beginning: `events/c123`. */
  path: string;
  query: URLSearchParams;
  token: string;
  body: unknown;
}

export interface Answer {
  status: number;
  body: object;
}

export interface Access {
  id: string;
  /** An app sees the webhooks that it made; a shared access none. */
  type: 'app' | 'personal' | 'shared';
  name: string;
}

export interface PryvParts {
  user: string;
  world: PryvWorld;
  sender: Sender;
  accesses: ReadonlyMap<string, Access>;
  /** `bare`: the body of `PUT /webhooks/{id}` as the public server takes it; `wrapped`: as the API reference has it. */
  updateForm: 'bare' | 'wrapped' | 'none';
}

/** As far as the API reference says what each method answers. */
export function answerTo(call: Call, parts: PryvParts): Answer {
  const access = parts.accesses.get(call.token);
  if (call.token === '') return failed(401, 'invalid-access-token', 'The access token is missing.');
  if (!access) return failed(403, 'invalid-access-token', 'Cannot find access from token.');
  const [name = '', id] = call.path.split('/').map(decodeURIComponent);
  const answer = METHODS[`${call.method} ${name}${id === undefined ? '' : '/'}`];
  return answer
    ? answer({ ...call, id: id ?? '', access }, parts)
    : failed(404, 'unknown-resource', 'Unknown resource');
}

type Method = (call: Call & { id: string; access: Access }, parts: PryvParts) => Answer;

const METHODS: Record<string, Method> = {
  'GET access-info': ({ access, token }, { user }) =>
    ok({ ...access, token, permissions: [{ streamId: '*', level: 'manage' }], user: { username: user } }),

  'GET events': ({ query }, { world }) => {
    const since = query.get('modifiedSince');
    const page = pageOf(query);
    const direction = query.get('sortAscending') === 'true' ? 1 : -1;
    const events = [...world.events.values()]
      .filter(({ trashed }) => query.get('state') === 'all' || !trashed)
      .filter(({ modified }) => since === null || modified > Number(since))
      .sort((a, b) => direction * (a.time - b.time));
    const withDeletions = since !== null && query.get('includeDeletions') === 'true';
    const deletions = world.eventDeletions
      .filter(({ deleted }) => deleted > Number(since))
      .sort((a, b) => direction * (a.deleted - b.deleted));
    return ok({ events: page(events), ...(withDeletions && { eventDeletions: page(deletions) }) });
  },

  'GET events/': ({ id }, { world }) => {
    const event = world.events.get(id);
    return event ? ok({ event }) : failed(404, 'unknown-resource', `Unknown event "${id}"`);
  },

  'GET streams': ({ query }, { world }) => {
    const since = query.get('includeDeletionsSince');
    const shown = [...world.streams.values()].filter(({ trashed }) => query.get('state') === 'all' || !trashed);
    const deletions = world.streamDeletions.filter(({ deleted }) => deleted > Number(since));
    return ok({ streams: tree(shown, null), ...(since !== null && { streamDeletions: deletions }) });
  },

  'GET webhooks': ({ access }, { sender }) =>
    access.type === 'shared'
      ? failed(403, 'forbidden', 'The given token’s access permissions do not allow this operation.')
      : ok({ webhooks: [...sender.webhooks.values()].filter((each) => mayUse(access, each)) }),

  'POST webhooks': ({ access, body }, { sender }) => {
    const { url } = fields(body);
    if (typeof url !== 'string') return failed(400, 'invalid-parameters-format', 'The parameters’ format is invalid.');
    return { ...ok({ webhook: sender.register(url, access.id) }), status: 201 };
  },

  'PUT webhooks/': ({ id, access, body }, { sender, updateForm }) => {
    const webhook = sender.webhooks.get(id);
    if (!webhook) return failed(404, 'unknown-resource', `Unknown webhook "${id}"`);
    if (!mayUse(access, webhook)) return failed(403, 'forbidden', 'The webhook was not created by this app access.');
    const given = updateForm === 'wrapped' ? fields(fields(body).update) : fields(body);
    if (updateForm === 'none' || given.state !== 'active')
      return failed(400, 'invalid-parameters-format', 'The parameters’ format is invalid.');
    sender.activate(webhook);
    return ok({ webhook });
  },
};

const mayUse = (access: Access, { accessId }: PryvWebhook): boolean =>
  access.type === 'personal' || accessId === access.id;

/** Twenty unless told (the public server, `events.get`). */
function pageOf(query: URLSearchParams) {
  const skip = Number(query.get('skip') ?? 0);
  const limit = Number(query.get('limit') ?? 20);
  return <Item>(items: Item[]): Item[] => items.slice(skip, skip + limit);
}

const tree = (streams: PryvStream[], parentId: string | null): object[] =>
  streams
    .filter((stream) => stream.parentId === parentId)
    .map((stream) => ({ ...stream, children: tree(streams, stream.id) }));

const fields = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

const ok = (body: object): Answer => ({ status: 200, body });
const failed = (status: number, id: string, message: string): Answer => ({ status, body: { error: { id, message } } });
