import { setImmediate } from 'node:timers/promises';
import type { Course, Item, Point, Track } from '../model.ts';
import { distanceBetween, isPlaced, withDistances } from '../rides/distance.ts';
import { type Measures, measure } from '../rides/measure.ts';

/** Metres around either end that only the owner sees. */
const PRIVACY_ZONE = 250;

/** A piece of an answer, with its compressed form once somebody asked for that. */
export interface Segment {
  bytes: Buffer;
  /** Raw deflate, flushed and not final, so that segments can be joined. */
  deflated?: Buffer;
}

export interface Tracks {
  course(item: Item, view: View): Course;
  measures(item: Item, view: View): Measures;
  /** Measures many items with pauses for others, as making their tracks takes milliseconds each. */
  measureAll(items: readonly Item[]): Promise<void>;
  /** The points as JSON text. */
  text(item: Item, view: View): Segment;
}

/** What somebody sees of an item: its owner all of it, others without the ends. */
export type View = 'owner' | 'others';

/**
 * Tracks are made when they are asked for and only the last ones are kept, so that thousands of items cost little memory.
 * Measures are small and stay.
 */
export function createTracks(): Tracks {
  const courses = createRecent<Course>(12);
  const texts = createRecent<Segment>(48);
  const measured = new Map<string, Measures>();

  const course = (track: Track, view: View): Course =>
    courses.get(`${track.key} ${view}`, () => (view === 'owner' ? track.make() : withoutEnds(course(track, 'owner'))));

  const measures = (item: Item, view: View): Measures => {
    const key = `${item.track.key} ${view}`;
    const known = measured.get(key) ?? measure(course(item.track, view).points);
    measured.set(key, known);
    return known;
  };

  return {
    course: (item, view) => course(item.track, view),
    measures,
    async measureAll(items) {
      for (const item of items) {
        if (!measured.has(`${item.track.key} owner`)) await setImmediate();
        measures(item, 'owner');
      }
    },
    text: (item, view) =>
      texts.get(`${item.track.key} ${view}`, () => ({
        bytes: Buffer.from(JSON.stringify(course(item.track, view).points)),
      })),
  };
}

/** Keeps the values used last. */
function createRecent<Value>(capacity: number) {
  const kept = new Map<string, Value>();
  return {
    get(key: string, make: () => Value): Value {
      const value = kept.get(key) ?? make();
      kept.delete(key);
      kept.set(key, value);
      const oldest = kept.keys().next();
      if (kept.size > capacity && !oldest.done) kept.delete(oldest.value);
      return value;
    },
  };
}

function withoutEnds({ points, cues }: Course): Course {
  const placed = points.filter(isPlaced);
  const ends = [placed[0], placed.at(-1)];
  const far = (point: Point) =>
    !isPlaced(point) || ends.every((end) => !end || distanceBetween(end, point) > PRIVACY_ZONE);
  const first = points.findIndex(far);
  const last = points.findLastIndex(far);
  if (placed.length === 0) return { points, cues };
  const kept = first === -1 ? [] : points.slice(first, last + 1);
  const inside = cues.filter((cue) => cue.i >= first && cue.i <= last);
  return { points: withDistances(kept), cues: inside.map((cue) => ({ ...cue, i: cue.i - first })) };
}
