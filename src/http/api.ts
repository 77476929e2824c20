import express, { type Router } from 'express';
import { z } from 'zod';
import { FILE_TYPES, isFileFormat } from '../export/index.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { Readers } from '../readers.ts';
import { reportOf, type StatusParts } from '../status.ts';
import type { LibraryItem } from '../storage/library.ts';
import type { Photos, StoredPhoto, StoredPicture } from '../storage/photos.ts';
import { RIDERS } from '../vocabulary.ts';
import { photoPath } from '../web/photos.ts';
import { attachmentName } from './attachment-name.ts';
import { type Auth, refOf, type SignedIn, sameOriginOnly } from './auth.ts';
import { addDeadLetters, type DeadLetterParts } from './dead-letters.ts';
import { addDeletions, type DeletionParts } from './deletions.ts';
import { addExportZip, type ExportZipParts } from './export-zip.ts';
import { complaintOf, filledIn, filterOf, KINDS, listFilters } from './list-query.ts';
import { crossSite, notFound, problem } from './problem.ts';
import { addRevisions } from './revisions.ts';
import { addRuns, type RunParts } from './runs.ts';
import { addSources, type SourceParts } from './sources.ts';
import { addStatistics } from './statistics.ts';
import { addWhy } from './why.ts';
import { sendWithBody } from './with-body.ts';

export interface ApiParts extends DeadLetterParts, DeletionParts, ExportZipParts, RunParts, SourceParts {
  readers: Readers;
  auth: Auth;
  publicUrl: string;
  status: StatusParts;
  jobs: Pick<Jobs, 'ask'>;
  photos: Photos;
}

const listQuery = listFilters.extend({
  page: z.coerce.number().int().min(1).max(1_000_000).default(1),
  page_size: z.coerce.number().int().min(1).max(200).default(50),
});

/** `/api/v1`: everything in it is limited to the account that asks. */
export function createApi(parts: ApiParts): Router {
  const { auth, library, photos, readers } = parts;
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
    signedIn(async ({ account }, _request, response) => {
      const others = account.owner ? (await parts.accounts.list()).filter(({ source }) => source !== RIDERS) : [];
      response.json(await reportOf(parts.status, [account, ...others]));
    }),
  );

  router.post(
    '/sync/reconcile',
    signedIn(async (viewer, _request, response) => {
      await parts.jobs.ask('reconcile', { ...refOf(viewer), startedBy: 'person' });
      response.status(202).json({ started: 'reconciliation' });
    }),
  );

  router.post(
    '/sync/audit',
    signedIn(async (viewer, _request, response) => {
      await parts.jobs.ask('audit', { ...refOf(viewer), startedBy: 'person' });
      response.status(202).json({ started: 'audit' });
    }),
  );

  addSources(router, parts);
  addRuns(router, parts, signedIn);
  addDeadLetters(router, parts, signedIn);
  addDeletions(router, parts, signedIn);
  addExportZip(router, parts, signedIn);
  addRevisions(router, parts, signedIn);
  addWhy(router, parts, signedIn);
  addStatistics(router, parts, signedIn);

  router.get(
    '/:kind',
    signedIn(async ({ account }, request, response) => {
      const type = KINDS.get(String(request.params.kind));
      if (!type) return notFound(request, response, () => {});
      const query = listQuery.safeParse(filledIn(request.query));
      if (!query.success) {
        return problem(response, 400, 'bad_query', complaintOf(query.error));
      }
      const { page, page_size: pageSize } = query.data;
      const { items, ...others } = await library.list(account.id, { ...filterOf([type], query.data), page, pageSize });
      response.json({ items: items.map(entryOf), ...others });
    }),
  );

  router.get(
    '/:kind/:file',
    signedIn(async ({ account }, request, response) => {
      const type = KINDS.get(String(request.params.kind));
      const [, id, extension] = /^(\d{1,19})(?:\.([a-z]+))?$/.exec(String(request.params.file)) ?? [];
      const item = type && id ? await library.find(account.id, type, id) : undefined;
      if (!item) return notFound(request, response, () => {});
      const wanted = { accountId: account.id, type: item.type, id: item.id };
      if (extension === undefined) {
        const body = await readers.file({ ...wanted, format: 'json' });
        const copies = (await photos.of(wanted)).map(copyOf);
        const answer = { item: { ...entryOf(item), photos: copies, body: null } };
        return sendWithBody(response, answer, body ?? Buffer.from('null'));
      }
      if (!isFileFormat(extension)) return notFound(request, response, () => {});
      const file = await readers.file({ ...wanted, format: extension });
      if (!file) return notFound(request, response, () => {});
      response
        .attachment(`${attachmentName(item)}.${extension}`)
        .type(FILE_TYPES[extension])
        .send(Buffer.from(file));
    }),
  );

  router.use(notFound);
  return router;
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

/** Where our own copy of a photo is, and what it is; the provider's own words about it are in `body`. */
const copyOf = (photo: StoredPhoto) =>
  photo.state === 'copied'
    ? { id: photo.id, state: photo.state, url: photoPath(photo.picture), ...sizesOf(photo.picture) }
    : photo;

const sizesOf = ({ media, bytes, width, height }: StoredPicture) => ({ content_type: media, bytes, width, height });
