import { once } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response, Router } from 'express';
import { ZipFile } from 'yazl';
import { z } from 'zod';
import { fileName } from '../export/file-name.ts';
import { FILE_FORMATS, type FileFormat } from '../export/index.ts';
import { listWhole } from '../export/list-whole.ts';
import type { Readers } from '../readers.ts';
import type { Library, LibraryItem, RideType } from '../storage/library.ts';
import type { SignedIn } from './auth.ts';
import { complaintOf, filledIn, filterOf, KINDS, listFilters } from './list-query.ts';
import { problem } from './problem.ts';
import { createZipProgress } from './zip-progress.ts';

export interface ExportZipParts {
  library: Library;
  readers: Pick<Readers, 'file'>;
  /** Hears of an item that could not be written. */
  onError: (error: unknown) => void;
}

const TICKET = /^[\w-]{8,64}$/;

/** The same filters as the lists have, over both kinds or one. */
const zipQuery = listFilters.extend({
  format: z.literal(FILE_FORMATS).default('gpx'),
  type: z.literal([...KINDS.keys()]).optional(),
  /** Whoever asks for the archive can ask with it how far it is. */
  ticket: z.string().regex(TICKET).optional(),
});

/** An item as far as it is needed until its turn comes. */
interface Wanted {
  type: RideType;
  id: string;
  /** Within the archive, without an ending. */
  name: string;
  at: Date;
}

/** The checksum of an archive is computed on the main thread: in pieces that nobody notices. */
const PIECE_BYTES = 64 * 1024;

/** Everything that a filter finds as one archive, written while it is read: neither is ever in memory as a whole. */
export function addExportZip(router: Router, { library, readers, onError }: ExportZipParts, signedIn: SignedIn): void {
  const inTurn = createTurns();
  const progress = createZipProgress();

  router.get(
    '/export.zip',
    signedIn(async ({ account }, request, response) => {
      const query = zipQuery.safeParse(filledIn(request.query));
      if (!query.success) return problem(response, 400, 'bad_query', complaintOf(query.error));
      const { format, type: kind, ticket, ...filters } = query.data;
      const types = [...KINDS].flatMap(([name, type]) => (kind === undefined || kind === name ? [type] : []));
      const wanted = await listWhole(library, account.id, filterOf(types, filters), wantedOf);
      const make = ({ type, id }: Wanted) => inTurn(() => readers.file({ accountId: account.id, type, id, format }));
      response.attachment(`slipstream-${kind ?? 'library'}-${format}.zip`).type('application/zip');
      if (request.method === 'HEAD') return response.end();
      const told = ticket === undefined ? undefined : progress.begin(account.id, ticket, wanted.length);
      const counting = (item: Wanted) => make(item).finally(() => told?.file());
      const whole = await send(response, wanted, format, counting, onError);
      return told?.end(whole ? 'done' : 'stopped');
    }),
  );

  router.get(
    '/export/progress',
    signedIn(async ({ account }, request, response) => {
      const found = progress.of(account.id, String(request.query.ticket));
      if (!found) return problem(response, 404, 'not_found', 'No archive of that name is being written.');
      return response.json(found);
    }),
  );
}

function wantedOf(item: LibraryItem): Wanted {
  const at = new Date(item.departed_at ?? (item.updated_at || item.fetched_at));
  return { type: item.type, id: item.id, name: fileName(item), at };
}

/** @returns whether all of it was taken. */
async function send(
  response: Response,
  wanted: Wanted[],
  format: FileFormat,
  make: (item: Wanted) => Promise<Uint8Array | undefined>,
  onError: (error: unknown) => void,
): Promise<boolean> {
  const zip = new ZipFile();
  const gone = new AbortController();
  zip.on('error', (error) => {
    onError(error);
    response.destroy();
  });
  // Whoever goes away does not want the rest.
  const sent = pipeline(zip.outputStream as Readable, response).catch(() => gone.abort());
  const missing: string[] = [];
  for (const item of wanted) {
    if (gone.signal.aborted) break;
    const file = await make(item).catch((error: unknown) => void onError(error));
    if (file) await add(zip, `${item.name}.${format}`, item.at, file, gone.signal);
    else missing.push(item.name);
  }
  if (missing.length > 0) await add(zip, 'NOT IN HERE.txt', new Date(), notHere(missing), gone.signal);
  if (!gone.signal.aborted) zip.end();
  await sent;
  return !gone.signal.aborted;
}

/** @returns when the archive has taken it in: it takes no more than whoever downloads it has room for. */
async function add(zip: ZipFile, name: string, mtime: Date, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const source = Readable.from(pieces(bytes));
  zip.addReadStreamLazy(name, { mtime }, (give) => give(null, source));
  await once(source, 'end', { signal }).catch(() => source.destroy());
}

function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
}

/** An archive that lacks something says so itself: nobody reads our log beside it. */
const notHere = (names: string[]): Buffer =>
  Buffer.from(
    `These could not be written into this archive. What is stored of them is as it was; download them one by one, or try again.\n\n${names.join('\n')}\n`,
  );

/** One item at a time, whoever asks and however many: the workers' room is for fetching, and for people who wait for a page. */
function createTurns() {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work);
    // Whoever asked is told; the next one has its turn all the same.
    last = turn.catch(() => {});
    return turn;
  };
}
