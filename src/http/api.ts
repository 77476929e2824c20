import express, { type Request, type Response, type Router } from 'express';
import { z } from 'zod';
import type { Auditor } from '../audit.ts';
import type { Dispatcher } from '../dispatch.ts';
import { FILE_TYPES } from '../export/index.ts';
import type { Intake } from '../inbox.ts';
import type { Pool } from '../pool.ts';
import type { Reconciler } from '../reconcile.ts';
import type { Source } from '../sources/source.ts';
import { reportOf, type StatusParts } from '../status.ts';
import type { Inbox } from '../storage/inbox.ts';
import type { Library, LibraryItem, RideType } from '../storage/library.ts';
import { type AccountRef, ITEM_STATES, type SourceName } from '../vocabulary.ts';
import { type Auth, sameOriginOnly, type Viewer } from './auth.ts';
import { crossSite, notFound, problem } from './problem.ts';

export interface ApiParts {
  auth: Auth;
  publicUrl: string;
  inbox: Inbox;
  intake: Intake;
  sources: ReadonlyMap<SourceName, Source>;
  library: Library;
  pool: Pick<Pool, 'file'>;
  status: StatusParts;
  reconciler: Reconciler;
  auditor: Auditor;
  dispatcher: Dispatcher;
  now: () => number;
}

const TYPES: Record<string, RideType> = { routes: 'route', trips: 'trip' };

const listQuery = z.object({
  page: z.coerce.number().int().min(1).max(1_000_000).default(1),
  page_size: z.coerce.number().int().min(1).max(200).default(50),
  q: z.string().trim().max(200).optional(),
  since: z.iso
    .datetime({ offset: true })
    .or(z.iso.date())
    .transform((value) => new Date(value).toISOString())
    .optional(),
  state: z.literal(ITEM_STATES).optional(),
  pinned: z
    .literal(['true', 'false'])
    .transform((value) => value === 'true')
    .optional(),
});

export const refOf = ({ account }: Viewer): AccountRef => ({ source: account.source, account: account.user_id });

/** `/api/v1`: everything in it is limited to the account that asks. */
export function createApi(parts: ApiParts): Router {
  const { auth, library, pool, inbox } = parts;
  const router = express.Router();
  router.use(sameOriginOnly(parts.publicUrl, crossSite));
  router.use((_request, response, next) => {
    response.set('cache-control', 'private, no-store');
    next();
  });

  type Handler = (viewer: Viewer, request: Request, response: Response) => Promise<unknown>;
  const signedIn = (handler: Handler) => async (request: Request, response: Response) => {
    const viewer = await auth.viewerOf(request);
    if (viewer) return void (await handler(viewer, request, response));
    response.set('www-authenticate', 'Bearer');
    problem(response, 401, 'unauthorized', 'Sign in, or send a personal token: Authorization: Bearer …');
  };

  router.get(
    '/sync',
    signedIn(async ({ account }, _request, response) => response.json(await reportOf(parts.status, [account]))),
  );

  router.post(
    '/sync/reconcile',
    signedIn(async (viewer, _request, response) => {
      void parts.reconciler.reconcile(refOf(viewer));
      response.status(202).json({ started: 'reconciliation' });
    }),
  );

  router.post(
    '/sync/audit',
    signedIn(async (viewer, _request, response) => {
      void parts.auditor.audit(refOf(viewer));
      response.status(202).json({ started: 'audit' });
    }),
  );

  router.get(
    '/dead-letters',
    signedIn(async (viewer, _request, response) => {
      response.json({ items: await inbox.deadLetters(refOf(viewer), viewer.account.owner) });
    }),
  );

  router.post(
    '/dead-letters/:id/replay',
    signedIn(async (viewer, request, response) => {
      const answer = await replay(parts, viewer, Number(request.params.id));
      if (answer === 'none') return notFound(request, response, () => {});
      if (answer === 'still-unreadable') {
        return problem(
          response,
          422,
          'still_unreadable',
          'It was read again and is still not readable. It stays where it is.',
        );
      }
      response.status(202).json({ replayed: Number(request.params.id) });
    }),
  );

  router.get(
    '/:kind',
    signedIn(async ({ account }, request, response) => {
      const type = TYPES[String(request.params.kind)];
      if (!type) return notFound(request, response, () => {});
      const query = listQuery.safeParse(request.query);
      if (!query.success) {
        const [issue] = query.error.issues;
        return problem(response, 400, 'bad_query', `${issue?.path.join('.')}: ${issue?.message}`);
      }
      const { page_size: pageSize, ...rest } = query.data;
      const { items, meta } = await library.list(account.id, { ...rest, types: [type], pageSize });
      response.json({ items: items.map(entryOf), meta });
    }),
  );

  router.get(
    '/:kind/:file',
    signedIn(async ({ account }, request, response) => {
      const type = TYPES[String(request.params.kind)];
      const [, id, extension] = /^(\d{1,19})(?:\.([a-z]+))?$/.exec(String(request.params.file)) ?? [];
      const item = type && id ? await library.find(account.id, type, id) : undefined;
      if (!item) return notFound(request, response, () => {});
      const wanted = { accountId: account.id, type: item.type, id: item.id };
      if (extension === undefined) {
        const body = await pool.file({ ...wanted, format: 'json' });
        // The body is spliced in as text: a long ride is never an object on this thread.
        const head = JSON.stringify({ item: { ...entryOf(item), body: null } });
        return response
          .type('application/json')
          .send(`${head.slice(0, -'null}}'.length)}${Buffer.from(body ?? 'null').toString()}}}`);
      }
      if (!isFormat(extension)) return notFound(request, response, () => {});
      const file = await pool.file({ ...wanted, format: extension });
      if (!file) return notFound(request, response, () => {});
      response
        .attachment(`${fileName(item)}.${extension}`)
        .type(FILE_TYPES[extension])
        .send(Buffer.from(file));
    }),
  );

  router.use(notFound);
  return router;
}

const isFormat = (extension: string): extension is keyof typeof FILE_TYPES => extension in FILE_TYPES;

/** One try at a dead letter; used by the API and the page. */
export async function replay(
  { inbox, intake, sources, dispatcher, now }: Pick<ApiParts, 'inbox' | 'intake' | 'sources' | 'dispatcher' | 'now'>,
  viewer: Viewer,
  id: number,
): Promise<'none' | 'queued' | 'still-unreadable'> {
  const answer = await inbox.replay(id, refOf(viewer), viewer.account.owner, now());
  if (answer.kind === 'none') return 'none';
  if (answer.kind === 'queued') {
    dispatcher.wake();
    return 'queued';
  }
  const source = sources.get(answer.source);
  const read = source && (await intake.readAgain(id, source, answer.letter, answer.bytes, answer.receivedAt));
  return read ? 'queued' : 'still-unreadable';
}

/** The fields that `GET /api/v1/routes` promises. */
const PROMISED = [
  'id',
  'type',
  'name',
  'distance',
  'elevation_gain',
  'departed_at',
  'updated_at',
  'owned',
  'pinned',
  'state',
  'deleted_at',
  'fetched_at',
] as const satisfies readonly (keyof LibraryItem)[];

const entryOf = (item: LibraryItem) => Object.fromEntries(PROMISED.map((name) => [name, item[name]]));

/** A name that every file system takes. */
function fileName({ name, type, id }: LibraryItem): string {
  const plain = name
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}._-]+/gu, ' ')
    .trim()
    .slice(0, 80);
  return `${plain || type} ${id}`;
}
