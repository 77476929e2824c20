import express, { type Router } from 'express';
import { z } from 'zod';
import type { Auditor } from '../audit.ts';
import { FILE_TYPES } from '../export/index.ts';
import type { Pool } from '../pool.ts';
import type { Reconciler } from '../reconcile.ts';
import { reportOf, type StatusParts } from '../status.ts';
import { type Library, type LibraryItem, type LibraryQuery, ORDERS, type RideType, SORTS } from '../storage/library.ts';
import { ITEM_STATES } from '../vocabulary.ts';
import { type Auth, refOf, type SignedIn, sameOriginOnly } from './auth.ts';
import { addDeadLetters, type DeadLetterParts } from './dead-letters.ts';
import { addDeletions, type DeletionParts } from './deletions.ts';
import { crossSite, notFound, problem } from './problem.ts';

export interface ApiParts extends DeadLetterParts, DeletionParts {
  auth: Auth;
  publicUrl: string;
  library: Library;
  pool: Pick<Pool, 'file'>;
  status: StatusParts;
  reconciler: Reconciler;
  auditor: Auditor;
}

const TYPES: Record<string, RideType> = { routes: 'route', trips: 'trip' };

const metres = z.coerce.number().min(0).optional();
const words = z.string().max(200).optional();

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
  from: z.iso.date().optional(),
  to: z.iso.date().optional(),
  distance_min: metres,
  distance_max: metres,
  climbing_min: metres,
  climbing_max: metres,
  activity: words,
  gear: words,
  visibility: words,
  country: words,
  area: words,
  sort: z.literal(SORTS).optional(),
  order: z.literal(ORDERS).optional(),
});

/** `/api/v1`: everything in it is limited to the account that asks. */
export function createApi(parts: ApiParts): Router {
  const { auth, library, pool } = parts;
  const router = express.Router();
  router.use(sameOriginOnly(parts.publicUrl, crossSite));
  router.use((_request, response, next) => {
    response.set('cache-control', 'private, no-store');
    next();
  });

  const signedIn: SignedIn = (handler) => async (request, response) => {
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

  addDeadLetters(router, parts, signedIn);
  addDeletions(router, parts, signedIn);

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
      const { items, ...others } = await library.list(account.id, libraryQueryOf(type, query.data));
      response.json({ items: items.map(entryOf), ...others });
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

function libraryQueryOf(type: RideType, query: z.infer<typeof listQuery>): LibraryQuery {
  const { page_size, distance_min, distance_max, climbing_min, climbing_max, ...same } = query;
  return {
    ...same,
    types: [type],
    pageSize: page_size,
    distanceMin: distance_min,
    distanceMax: distance_max,
    climbingMin: climbing_min,
    climbingMax: climbing_max,
  };
}

const isFormat = (extension: string): extension is keyof typeof FILE_TYPES => extension in FILE_TYPES;

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
