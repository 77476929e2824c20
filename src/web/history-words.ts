import type { Step } from '../history/steps.ts';
import type { Learnt, Passage, Revision } from '../storage/history.ts';
import { attribute } from './item-attributes.ts';
import { humanised } from './item-words.ts';
import { type Message, message, say } from './say.ts';
import { counted, inWords, latency, span, type Units } from './units.ts';

/** What one version changed, in a line: `Renamed, 3.2 km longer, 120 new points`. */
export function changeInWords(change: Step['change'], units: Units): string {
  if (change === null) return say`The first version that came here`;
  const words = [
    ...change.attributes.flatMap(({ key, before, after }) => TOLD.get(key)?.(before, after, units) ?? []),
    ...lineWords(change),
    ...cueWords(change.cues),
    ...others(change, units),
  ];
  if (words.length === 0) return say`Nothing but the time of its last change`;
  const line = words.join(', ');
  return line.charAt(0).toUpperCase() + line.slice(1);
}

type Tell = (before: unknown, after: unknown, units: Units) => string[];

/** A difference smaller than what is shown of it is not worth a word here; the comparison has it. */
const more =
  (least: number, tell: (by: number, units: Units) => string): Tell =>
  (before, after, units) => {
    if (typeof before !== 'number' || typeof after !== 'number') return [];
    const by = after - before;
    return Math.abs(by) < least ? [] : [tell(by, units)];
  };

const cut = (text: string): string => (text.length > 60 ? `${text.slice(0, 59)}…` : text);
const written = (value: unknown): boolean => typeof value === 'string' && value.trim() !== '';

/** A map, because a key of a body may be any: `constructor`. */
const TOLD: ReadonlyMap<string, Tell> = new Map(
  Object.entries<Tell>({
    name: (before) => [written(before) ? say`renamed from “${cut(String(before))}”` : say`named`],
    description: (before, after) => [
      written(after) ? (written(before) ? say`described anew` : say`described`) : say`description removed`,
    ],
    distance: more(50, (by, units) => {
      const distance = inWords(units.distance(Math.abs(by)));
      return by > 0 ? say`${distance} longer` : say`${distance} shorter`;
    }),
    elevation_gain: more(1, (by, units) => {
      const height = inWords(units.height(Math.abs(by)));
      return by > 0 ? say`${height} more climbing` : say`${height} less climbing`;
    }),
    visibility: (_, after) => (typeof after === 'string' ? [say`now ${humanised(after).toLowerCase()}`] : []),
  }),
);

function lineWords(change: NonNullable<Step['change']>): string[] {
  const points =
    change.points === 0
      ? []
      : [
          change.points > 0
            ? counted(change.points, 'new point')
            : counted(-change.points, 'point fewer', 'points fewer'),
        ];
  if (!change.sameLine) return [...points, ...(points.length === 0 ? [say`another line`] : [])];
  return change.sameTrack ? [] : [...points, say`other values along the same line`];
}

function cueWords({ added, removed }: { added: number; removed: number }): string[] {
  return [
    ...(added > 0 ? [counted(added, 'new cue')] : []),
    ...(removed > 0 ? [counted(removed, 'cue removed', 'cues removed')] : []),
  ];
}

/** They follow from what was told already, or say nothing by themselves. */
const SILENT = /^(updated_at|(first|last|sw|ne)_(lat|lng)|.*_url|url)$/;
const NAMED = 3;

function others({ attributes }: NonNullable<Step['change']>, units: Units): string[] {
  const rest = attributes.filter(({ key }) => !TOLD.has(key) && !SILENT.test(key));
  if (rest.length === 0) return [];
  const labels = rest
    .slice(0, NAMED)
    .map(({ key, after }) => attribute(key, after, units).label.slice(0, 40).toLowerCase());
  const more = rest.length > NAMED ? [counted(rest.length - NAMED, 'more attribute')] : [];
  return [say`${[...labels, ...more].join(', ')} changed`];
}

/** How we came to know, and how long it took. */
export function learntInWords(learnt: Learnt | null, fetchedAt: string): string {
  if (learnt === null) return say`How we learnt of it is not on record`;
  const lag = inWords(latency(Math.max(0, Date.parse(fetchedAt) - Date.parse(learnt.at))));
  return ORIGINS[learnt.origin]?.(lag) ?? say`Learnt otherwise, here ${lag} later`;
}

const ORIGINS: Record<string, (lag: string) => string> = {
  webhook: (lag) => say`Told by webhook, here ${lag} later`,
  reconciliation: (lag) => say`Found by reconciliation, here ${lag} later`,
  backfill: (lag) => say`Found when the library was listed, here ${lag} later`,
  audit: (lag) => say`Found by an audit, here ${lag} later`,
  person: (lag) => say`Asked for by you, here ${lag} later`,
  'follow-up': (lag) => say`Found by following up another change, here ${lag} later`,
};

/** For how long it stood, or has until now: `3 days`. */
export function timeOf({ fetched_at, replaced_at }: Revision, now: Date): string {
  const end = replaced_at === null ? now.getTime() : Date.parse(replaced_at);
  return span(Math.max(0, end - Date.parse(fetched_at)) / 1_000);
}

export const PASSAGES: Record<Passage['what'], Message> = {
  deleted: message('Deleted at Ride With GPS'),
  hidden: message('No longer visible to you at Ride With GPS'),
  back: message('Back at Ride With GPS'),
};
