import { createHash } from 'node:crypto';
import { Elsewhere, NotTheProvider, ProviderDown, RateLimited, TooLarge } from './http/errors.ts';
import { pictureIn } from './picture.ts';
import type { Source } from './sources/source.ts';
import { isStorageError } from './storage/failure.ts';
import type { PhotoAttempt, PhotoProblem, PhotoVerbs, PhotoWriter, Pictures } from './storage/photos.ts';
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
  const attempts = parts.photos.begin(SLICE, now);
  const ends = await Promise.all(attempts.map((attempt) => copy(parts, attempt, now)));
  const waits = ends.filter((end) => typeof end === 'number');
  return {
    tried: attempts.length,
    down: ends.length > 0 && ends.every((end) => end === 'unreachable'),
    notBefore: waits.length > 0 ? Math.max(...waits) : null,
    nextDue: parts.photos.nextDue(),
  };
}

/** @returns when a number: until when the provider asked us to wait. */
async function copy(
  parts: CopyingParts,
  attempt: PhotoAttempt,
  now: number,
): Promise<'copied' | PhotoProblem | number> {
  const { sources, photos } = parts;
  try {
    const source = sources.get(attempt.key.source);
    if (!source) throw new Elsewhere();
    const problem = await store(parts, attempt, await source.download(attempt.url));
    if (problem) fail(parts, attempt, problem, now);
    return problem ?? 'copied';
  } catch (error) {
    if (parts.isClosing()) {
      photos.putOff(attempt, now);
      return now;
    }
    if (error instanceof RateLimited || isStorageError(error)) {
      const until = now + (error instanceof RateLimited ? error.wait : FIRST_WAIT_MS);
      photos.putOff(attempt, until);
      return until;
    }
    const problem = problemOf(error);
    if (!problem) throw error;
    fail(parts, attempt, problem, now);
    return problem;
  }
}

async function store(
  { photos, pictures, verbs }: CopyingParts,
  attempt: PhotoAttempt,
  bytes: Buffer,
): Promise<PhotoProblem | undefined> {
  const picture = pictureIn(bytes);
  if (!picture) return 'no-picture';
  const hash = createHash('sha256').update(bytes).digest('hex');
  if (!pictures.has(hash)) await pictures.put(hash, bytes);
  if (!photos.keep(attempt, { ...picture, hash, bytes: bytes.length })) await verbs.eraseOrphans();
  // Who erased an account between the file and its row took it for nobody's. From now on it is somebody's.
  else if (!pictures.has(hash)) await pictures.put(hash, bytes);
  return undefined;
}

function fail({ photos }: CopyingParts, attempt: PhotoAttempt, problem: PhotoProblem, now: number): void {
  const over = FOR_GOOD.has(problem) || attempt.attempts >= MOST_ATTEMPTS;
  photos.fail(attempt, problem, over ? null : now + FIRST_WAIT_MS * GROWING ** (attempt.attempts - 1));
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
