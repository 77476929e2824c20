import { setImmediate } from 'node:timers/promises';
import { readRide } from '../export/ride.ts';
import type { Library, RideType } from '../storage/library.ts';
import { cueChanges } from './cues.ts';
import { type AttributeChange, attributeChanges, type Digest, digestOf } from './digest.ts';

/** A line of a list has room for no more. */
const TOLD = { most: 40, longest: 200 };

export interface StepsRequest {
  accountId: number;
  type: RideType;
  id: string;
  /** The numbers of the versions, from the newest to the oldest, without a gap. */
  revisions: readonly number[];
}

/** One version in a list: what it looks like, and what it changed against the one before it. */
export interface Step {
  revision: number;
  /** In a box of 48 × 48. */
  thumbnail: [number, number][];
  points: number;
  /** Null: it is the first. */
  change: {
    attributes: AttributeChange[];
    /** On the ground, and with everything that was recorded. */
    sameLine: boolean;
    sameTrack: boolean;
    /** More points than before; fewer where it is negative. */
    points: number;
    cues: { added: number; removed: number };
  } | null;
}

/** In a worker: each body is read once, and one at a time. */
export async function stepsOf(library: Library, { accountId, type, id, revisions }: StepsRequest): Promise<Step[]> {
  const steps: Step[] = [];
  let later: Digest | undefined;
  for (const revision of [...revisions, (revisions.at(-1) ?? 1) - 1]) {
    const body = await library.body(accountId, type, id, revision);
    const digest = body && digestOf(readRide(body, type, id));
    const step = steps.at(-1);
    if (step && later && digest) step.change = changeBetween(digest, later);
    if (digest && revisions.includes(revision)) {
      steps.push({ revision, thumbnail: digest.thumbnail, points: digest.points, change: null });
    }
    later = digest;
    // Fetches of this thread go on in between.
    await setImmediate();
  }
  return steps;
}

function changeBetween(before: Digest, after: Digest): Step['change'] {
  const { added, removed } = cueChanges(before.cues, after.cues);
  return {
    attributes: attributeChanges(before, after, TOLD).changed,
    sameLine: before.line === after.line,
    sameTrack: before.track === after.track,
    points: after.points - before.points,
    cues: { added: added.total, removed: removed.total },
  };
}
