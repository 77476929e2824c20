import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join, relative } from 'node:path';
import type { Item, Rider } from '../model.ts';
import { createRandom, seedOf } from '../random.ts';
import { cuesOf } from '../rides/cues.ts';
import type { Draft } from '../world/library.ts';
import { readFit } from './fit.ts';
import { readGpx } from './gpx.ts';
import { readKml } from './kml.ts';
import { asItem, type Recording, Unreadable } from './recording.ts';
import { readTcx } from './tcx.ts';

/** A file that gave no item, and why, in words for whoever put it there. */
export interface Skipped {
  /** Relative to the folder. */
  file: string;
  reason: string;
}

interface For {
  rider: Rider;
  /** Epoch milliseconds. */
  now: number;
  seed: number;
}

const READERS: Record<string, (bytes: Uint8Array) => Recording> = {
  '.gpx': readGpx,
  '.tcx': readTcx,
  '.fit': readFit,
  '.kml': readKml,
};
const LARGEST = 64 * 1024 * 1024;
/** Plans have no time of their own: those of a folder lie a day apart. */
const DAY = 86_400_000;

/**
 * Makes items of all track files below a folder; what cannot be read is named and left out.
 * @throws where the folder itself cannot be read.
 */
export async function readFolder(folder: string, given: For): Promise<{ drafts: Draft[]; skipped: Skipped[] }> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.startsWith('.'));
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort();
  const drafts: Draft[] = [];
  const skipped: Skipped[] = [];
  for (const path of paths) {
    const file = relative(folder, path);
    try {
      drafts.push(draftOf(file, await read(path), drafts.length, given));
    } catch (error) {
      skipped.push({ file, reason: reasonOf(error) });
    }
  }
  drafts.sort((a, b) => a.createdAt - b.createdAt);
  return { drafts, skipped };
}

async function read(path: string): Promise<Recording> {
  const reader = READERS[extname(path).toLowerCase()];
  if (!reader) throw new Unreadable('It is not a GPX, TCX, FIT or KML file.');
  if ((await stat(path)).size > LARGEST) throw new Unreadable('It is larger than 64 MB.');
  return reader(await readFile(path));
}

function draftOf(file: string, recording: Recording, index: number, { rider, now, seed }: For): Draft {
  const { type, points } = asItem(recording);
  const random = createRandom(seedOf(seed, 'file', file));
  const times = points.flatMap((point) => (point.t === undefined ? [] : [point.t]));
  const [first, last] = [times[0], times.at(-1)];
  const createdAt = Math.min(now, last === undefined ? now - (index + 1) * DAY : uploadedAt(last, rider, index));
  const course = { points, cues: type === 'route' ? cuesOf(points, seedOf(file)) : [] };
  return {
    type,
    name: recording.name || titleOf(file),
    visibility: 'public',
    createdAt,
    updatedAt: createdAt,
    privacyCode: random.word(16),
    departedAt: type === 'trip' && first !== undefined ? first * 1_000 : null,
    region: null,
    track: { key: `file ${file}`, make: () => course },
    attributes: attributesOf(type, recording, rider),
  };
}

/** When it ended, or on the rider's first day for what is older: devices without a clock write 1901. */
function uploadedAt(end: number, rider: Rider, index: number): number {
  return Math.max(Math.ceil(end + 60) * 1_000, rider.createdAt + index * 60_000);
}

function attributesOf(type: Item['type'], { activityType, device }: Recording, rider: Rider): Item['attributes'] {
  if (type === 'route') return {};
  return { activity_type: activityType ?? null, device: device ?? null, gear: rider.gear[0] ?? null };
}

const titleOf = (file: string): string => file.slice(0, -extname(file).length).normalize('NFC');

function reasonOf(error: unknown): string {
  if (error instanceof Unreadable) return error.message;
  return `It could not be read: ${error instanceof Error ? error.message : String(error)}`;
}
