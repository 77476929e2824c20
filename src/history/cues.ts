import type { Cue } from '../export/ride.ts';

/** So many are told one by one; the rest is a number. */
const MOST = 60;

export interface CueChanges {
  before: number;
  after: number;
  /** How many in all, and the first of them. */
  added: { total: number; cues: Cue[] };
  removed: { total: number; cues: Cue[] };
}

/** Which turns are new, and which are gone. A cue is known by its place and what it says: its distance moves with every detour before it. */
export function cueChanges(before: readonly Cue[], after: readonly Cue[]): CueChanges {
  return { before: before.length, after: after.length, added: without(after, before), removed: without(before, after) };
}

function without(cues: readonly Cue[], others: readonly Cue[]): { total: number; cues: Cue[] } {
  const left = new Map<string, number>();
  for (const cue of others) left.set(nameOf(cue), (left.get(nameOf(cue)) ?? 0) + 1);
  const missing = cues.filter((cue) => {
    const name = nameOf(cue);
    const there = left.get(name) ?? 0;
    left.set(name, there - 1);
    return there <= 0;
  });
  return { total: missing.length, cues: missing.slice(0, MOST).map(cut) };
}

/** About a metre. */
const nameOf = ({ x, y, type, text }: Cue): string => JSON.stringify([x.toFixed(5), y.toFixed(5), type, text]);

const cut = (cue: Cue): Cue => ({ ...cue, type: cue.type.slice(0, 60), text: cue.text.slice(0, 300) });
