import { createHash } from 'node:crypto';
import { Elsewhere, NotTheProvider, ProviderDown, RateLimited, TooLarge } from './http/errors.ts';
import { pictureIn } from './picture.ts';
import type { Source } from './sources/source.ts';
import { isStorageError } from './storage/failure.ts';
import type { PhotoAttempt, PhotoEnd, PhotoProblem, PhotoVerbs, PhotoWriter, Pictures } from './storage/photos.ts';
import type { SourceName } from './vocabulary.ts';

/** At once. Each is in memory as a whole, and the provider is asked modestly. */
const SLICE = 3;
/** 30 s, 2 min, 8 min, 32 min, 2 h, 8.5 h: half a day, and then it is given up. */
const MOST_ATTEMPTS = 7;
const FIRST_WAIT_MS = 30_000;
/** Each one is so many times the one before. */
const GROWING = 4;

export interface CopyingParts {
  sources: ReadonlyMap<SourceName, Source>;
  photos: PhotoWriter;
  verbs: Pick<PhotoVerbs, 'eraseOrphans'>;
  pictures: Pictures;
  /** Connections are being cut: what fails now is no fault of the photo. */
  isClosing: () => boolean;
}

/** What became of a slice of photos. Times are epoch milliseconds. */
export interface CopiedPhotos {
  tried: number;
  /** The provider could not be asked, for any of them. */
  down: boolean;
  /** The provider asked us to wait until then. */
  notBefore: number | null;
  /** When the next one is due; null when none waits. */
  nextDue: number | null;
}

/**
 * Copies the photos that are due, a slice of them. One that fails is tried again later, and some day given up; the item that it
 * belongs to is not touched by any of it.
 */
export async function copyPhotos(parts: CopyingParts, now: number): Promise<CopiedPhotos> {
  const { photos, pictures, verbs } = parts;
  const attempts = await photos.begin(SLICE, MOST_ATTEMPTS, now);
  const tries = await Promise.all(attempts.map((attempt) => tryOne(parts, attempt, now)));
  const ends = tries.map(({ end }) => end);
  if (ends.length > 0 && !(await photos.settle(ends))) await verbs.eraseOrphans();
  // Who erased an account between a file and its row took the file for nobody's. From now on it is somebody's.
  else
    for (const { end, bytes } of tries)
      if (end.kind === 'copied' && bytes) await kept(pictures, end.picture.hash, bytes);
  const waits = ends.flatMap((end) => (end.kind === 'put off' ? [end.dueAt] : []));
  return {
    tried: attempts.length,
    down: ends.length > 0 && ends.every((end) => end.kind === 'failed' && end.problem === 'unreachable'),
    notBefore: waits.length > 0 ? Math.max(...waits) : null,
    nextDue: await photos.nextDue(),
  };
}

async function tryOne(
  parts: CopyingParts,
  attempt: PhotoAttempt,
  now: number,
): Promise<{ end: PhotoEnd; bytes?: Buffer }> {
  try {
    const source = parts.sources.get(attempt.key.source);
    if (!source?.download) throw new Elsewhere();
    const bytes = await source.download(attempt.url);
    const picture = pictureIn(bytes);
    if (!picture) return { end: failed(attempt, 'no-picture', now) };
    const hash = createHash('sha256').update(bytes).digest('hex');
    await kept(parts.pictures, hash, bytes);
    return { end: { attempt, kind: 'copied', picture: { ...picture, hash, bytes: bytes.length } }, bytes };
  } catch (error) {
    return { end: endOf(parts, attempt, error, now) };
  }
}

async function kept(pictures: Pictures, hash: string, bytes: Buffer): Promise<void> {
  if (!(await pictures.has(hash))) await pictures.put(hash, bytes);
}

function endOf({ isClosing }: CopyingParts, attempt: PhotoAttempt, error: unknown, now: number): PhotoEnd {
  if (isClosing()) return { attempt, kind: 'put off', dueAt: now };
  if (error instanceof RateLimited) return { attempt, kind: 'put off', dueAt: now + error.wait };
  if (isStorageError(error)) return { attempt, kind: 'put off', dueAt: now + FIRST_WAIT_MS };
  const problem = problemOf(error);
  if (!problem) throw error;
  return failed(attempt, problem, now);
}

function failed(attempt: PhotoAttempt, problem: PhotoProblem, now: number): PhotoEnd {
  const over = FOR_GOOD.has(problem) || attempt.attempts >= MOST_ATTEMPTS;
  const dueAt = over ? null : now + FIRST_WAIT_MS * GROWING ** (attempt.attempts - 1);
  return { attempt, kind: 'failed', problem, dueAt };
}

/** Asking again would be answered the same. */
const FOR_GOOD: ReadonlySet<PhotoProblem> = new Set(['elsewhere', 'too-large', 'no-picture']);

function problemOf(error: unknown): PhotoProblem | undefined {
  if (error instanceof Elsewhere) return 'elsewhere';
  if (error instanceof TooLarge) return 'too-large';
  if (error instanceof NotTheProvider) return 'missing';
  if (error instanceof ProviderDown) return 'unreachable';
  return undefined;
}
