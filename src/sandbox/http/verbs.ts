import { z } from 'zod';
import type { Point, Visibility } from '../model.ts';
import { faultSchema } from './fault-schema.ts';
import type { Sandbox } from './parts.ts';

/** One thing that can be done by hand: by a form on the control page or by JSON. */
export interface Verb {
  /** What is said afterwards. */
  done: string;
  /** @throws z.ZodError where the input does not fit, Error where the world has no such thing. */
  run(input: unknown, parts: Sandbox): object | undefined | Promise<object | undefined>;
}

function verb<Input>(
  schema: z.ZodType<Input>,
  done: string,
  run: (input: Input, parts: Sandbox) => object | undefined | Promise<object | undefined>,
): Verb {
  return { done, run: (input, parts) => run(schema.parse(input), parts) };
}

const type = z.enum(['route', 'trip']);
const id = z.coerce.number().int();
const rider = id;
const visibility = z.enum(['public', 'friends_only', 'private']);
const point = z.record(z.string(), z.union([z.number(), z.boolean()]));
const manner = {
  silent: z.coerce.boolean().optional(),
  unlogged: z.coerce.boolean().optional(),
  untouched: z.coerce.boolean().optional(),
};
const texts = {
  name: z.string().optional(),
  description: z.string().nullable().optional(),
  visibility: visibility.optional(),
};
const attributes = {
  ...texts,
  attributes: z.record(z.string(), z.unknown()).optional(),
  points: z.array(point).optional(),
};
const anItem = z.object({ type, id });
const onePin = z.object({ rider, type, id });
const some = (usually: number) => z.object({ n: z.coerce.number().int().min(1).max(1_000).default(usually) });
const nothing = z.object({});
const firstClient = ({ clients }: Sandbox, apiKey: string | undefined): string => apiKey ?? clients[0]?.apiKey ?? '';

type Given = {
  name?: string | undefined;
  description?: string | null | undefined;
  visibility?: Visibility | undefined;
  attributes?: Record<string, unknown> | undefined;
  points?: Point[] | undefined;
};

/** Keys that were not given are not there at all: an absent name leaves the name. */
function patchOf({ name, description, visibility, attributes, points }: Given) {
  return {
    ...attributes,
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
    ...(visibility !== undefined && { visibility }),
    ...(points !== undefined && { points }),
  };
}

function mannerOf({
  silent = false,
  unlogged = false,
  untouched = false,
}: {
  silent?: boolean | undefined;
  unlogged?: boolean | undefined;
  untouched?: boolean | undefined;
}) {
  return { silent, unlogged, untouched };
}

export const VERBS: Record<string, Verb> = {
  create: verb(z.object({ rider, type, ...attributes, ...manner }), 'Created.', (given, { world }) => {
    const item = world.create(given.rider, given.type, patchOf(given), mannerOf(given));
    return { type: item.type, id: item.id };
  }),
  edit: verb(anItem.extend({ ...attributes, ...manner }), 'Changed.', (given, { world }) => {
    const item = world.edit(given.type, given.id, patchOf(given), mannerOf(given));
    return { type: item.type, id: item.id };
  }),
  delete: verb(
    anItem.extend(manner),
    'Deleted.',
    (given, { world }) => void world.remove(given.type, given.id, mannerOf(given)),
  ),
  pin: verb(
    onePin.extend(manner),
    'Pinned.',
    (given, { world }) => void world.pin(given.rider, given.type, given.id, mannerOf(given)),
  ),
  unpin: verb(
    onePin.extend(manner),
    'Unpinned.',
    (given, { world }) => void world.unpin(given.rider, given.type, given.id, mannerOf(given)),
  ),
  upload: verb(
    z.object({ rider, delay_seconds: z.coerce.number().min(0).max(3_600).default(60), ...attributes }),
    'Uploaded. The device completes it after the delay.',
    (given, { world }) => ({
      type: 'trip',
      id: world.upload(given.rider, patchOf(given), { delayMs: given.delay_seconds * 1_000 }).item.id,
    }),
  ),
  'issue-token': verb(z.object({ rider, api_key: z.string().optional() }), 'Token issued.', (given, parts) => ({
    token: parts.world.issueToken(given.rider, firstClient(parts, given.api_key)),
  })),
  'revoke-token': verb(z.object({ token: z.string() }), 'Token revoked.', ({ token }, { world }) => ({
    revoked: world.revokeToken(token),
  })),
  'revoke-all': verb(
    z.object({ rider }),
    'All tokens of the rider are revoked.',
    (given, { world }) => void world.revokeAll(given.rider),
  ),
  'webhook-url': verb(
    z.object({ api_key: z.string().optional(), url: z.url({ protocol: /^https?$/ }).or(z.literal('')) }),
    'Webhooks go there from now on.',
    (given, parts) => {
      return void parts.webhooks.setUrl(firstClient(parts, given.api_key), given.url || undefined);
    },
  ),
  lose: verb(some(1), 'The next webhook will be lost.', ({ n }, { webhooks }) => void webhooks.lose(n)),
  duplicate: verb(some(1), 'The next webhook will come twice.', ({ n }, { webhooks }) => void webhooks.duplicate(n)),
  reorder: verb(
    some(2),
    'The next webhooks will come in the wrong order.',
    ({ n }, { webhooks }) => void webhooks.reorder(n),
  ),
  pause: verb(nothing, 'Webhooks wait until they are resumed.', (_, { webhooks }) => void webhooks.pause()),
  resume: verb(nothing, 'Webhooks go out again.', (_, { webhooks }) => void webhooks.resume()),
  replay: verb(
    z.object({ index: z.coerce.number().int() }),
    'Sent again, byte for byte.',
    ({ index }, { webhooks }) => void webhooks.replay(index),
  ),
  drain: verb(nothing, 'Everything has been sent.', async (_, { webhooks }) => {
    await webhooks.drain();
    return undefined;
  }),
  latency: verb(
    z.object({ ms: z.coerce.number().min(0).max(600_000) }),
    'Answers take that long now.',
    ({ ms }, { faults }) => void faults.set({ latencyMs: ms }),
  ),
  'fail-next': verb(
    z.object({
      n: z.coerce.number().int().min(1).max(1_000).default(1),
      status: z.coerce.number().int().min(400).max(599),
      retry_after: z.coerce.number().optional(),
    }),
    'The next answers fail.',
    ({ n, status, retry_after }, { faults }) =>
      void faults.set({ nextStatus: Array.from({ length: n }, () => status), nextRetryAfter: retry_after ?? null }),
  ),
  'cut-next': verb(some(1), 'The next answers break off.', ({ n }, { faults }) => void faults.set({ cutAnswers: n })),
  down: verb(nothing, 'The API is down.', (_, { faults }) => void faults.set({ down: true })),
  faults: verb(faultSchema, 'Faults set.', (given, { faults }) => {
    faults.set(given);
    return { faults: faults.current };
  }),
  'clear-faults': verb(nothing, 'Everything works again.', (_, { faults }) => void faults.clear()),
};
