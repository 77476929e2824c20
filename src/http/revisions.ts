import type { Request, Response, Router } from 'express';
import { z } from 'zod';
import { FILE_TYPES, isFileFormat } from '../export/index.ts';
import type { Readers } from '../readers.ts';
import type { Revision } from '../storage/history.ts';
import type { Library, LibraryItem } from '../storage/library.ts';
import { attachmentName } from './attachment-name.ts';
import type { SignedIn, Viewer } from './auth.ts';
import { KINDS } from './list-query.ts';
import { notFound } from './problem.ts';
import { sendWithBody } from './with-body.ts';

export interface RevisionParts {
  library: Library;
  readers: Pick<Readers, 'file'>;
}

/** A number of a version, in an address. */
export const revisionIn = (text: unknown): number | undefined =>
  z
    .string()
    .regex(/^[1-9]\d{0,8}$/)
    .transform(Number)
    .safeParse(text).data;

/** `/api/v1/trips/{id}/revisions`: every version that there was, and each of them as a file. */
export function addRevisions(router: Router, { library, readers }: RevisionParts, signedIn: SignedIn): void {
  router.get(
    '/:kind/:id/revisions',
    signedIn(async (viewer, request, response) => {
      const item = await itemIn(viewer, request);
      if (!item) return notFound(request, response, () => {});
      const [items, passages] = await Promise.all([
        library.revisions(viewer.account.id, item.type, item.id),
        library.passages(viewer.account.id, item.type, item.id),
      ]);
      return response.json({ items, passages, meta: { total: items.length } });
    }),
  );

  router.get(
    '/:kind/:id/revisions/:file',
    signedIn(async (viewer, request, response) => {
      const item = await itemIn(viewer, request);
      const [, number, extension] = /^(\d+)(?:\.([a-z]+))?$/.exec(String(request.params.file)) ?? [];
      const revision = revisionIn(number);
      if (!item || revision === undefined) return notFound(request, response, () => {});
      return extension === undefined
        ? sendBody(viewer, item, revision, request, response)
        : sendFile(viewer, item, revision, extension, request, response);
    }),
  );

  async function itemIn({ account }: Viewer, request: Request): Promise<LibraryItem | undefined> {
    const type = KINDS.get(String(request.params.kind));
    const id = /^\d{1,19}$/.exec(String(request.params.id))?.[0];
    return type && id ? library.find(account.id, type, id) : undefined;
  }

  async function sendBody(
    { account }: Viewer,
    { type, id }: LibraryItem,
    revision: number,
    request: Request,
    response: Response,
  ): Promise<unknown> {
    const about = (await library.revisions(account.id, type, id)).find((each: Revision) => each.revision === revision);
    const body = about && (await readers.file({ accountId: account.id, type, id, revision, format: 'json' }));
    if (!body) return notFound(request, response, () => {});
    return sendWithBody(response, { revision: { ...about, body: null } }, body);
  }

  async function sendFile(
    { account }: Viewer,
    item: LibraryItem,
    revision: number,
    extension: string,
    request: Request,
    response: Response,
  ): Promise<unknown> {
    if (!isFileFormat(extension)) return notFound(request, response, () => {});
    const file = await readers.file({
      accountId: account.id,
      type: item.type,
      id: item.id,
      revision,
      format: extension,
    });
    if (!file) return notFound(request, response, () => {});
    return response
      .attachment(`${attachmentName(item)} version ${revision}.${extension}`)
      .type(FILE_TYPES[extension])
      .send(Buffer.from(file));
  }
}
