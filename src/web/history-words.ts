import type { Step } from '../history/steps.ts';
import type { Learnt, Passage, Revision } from '../storage/history.ts';
import { attribute } from './item-attributes.ts';
import { humanised } from './item-words.ts';
import { counted, inWords, latency, span, type Units } from './units.ts';

/** What one version changed, in a line: `Renamed, 3.2 km longer, 120 new points`. */
export function changeInWords(change: Step['change'], units: Units): string {
  if (change === null) return 'The first version that came here';
  const words = [
    ...change.attributes.flatMap(({ key, before, after }) => TOLD[key]?.(before, after, units) ?? []),
    ...lineWords(change),
    ...cueWords(change.cues),
    ...others(change, units),
  ];
  if (words.length === 0) return 'Nothing but the time of its last change';
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

const TOLD: Record<string, Tell> = {
  name: (before) => [written(before) ? `renamed from “${cut(String(before))}”` : 'named'],
  description: (before, after) => [
    written(after) ? (written(before) ? 'described anew' : 'described') : 'description removed',
  ],
  distance: more(50, (by, units) => `${inWords(units.distance(Math.abs(by)))} ${by > 0 ? 'longer' : 'shorter'}`),
  elevation_gain: more(1, (by, units) => `${inWords(units.height(Math.abs(by)))} ${by > 0 ? 'more' : 'less'} climbing`),
  visibility: (_, after) => (typeof after === 'string' ? [`now ${humanised(after).toLowerCase()}`] : []),
};

function lineWords(change: NonNullable<Step['change']>): string[] {
  const points =
    change.points === 0
      ? []
      : [change.points > 0 ? counted(change.points, 'new point') : `${counted(-change.points, 'point')} fewer`];
  if (!change.sameLine) return [...points, ...(points.length === 0 ? ['another line'] : [])];
  return change.sameTrack ? [] : [...points, 'other values along the same line'];
}

function cueWords({ added, removed }: { added: number; removed: number }): string[] {
  return [
    ...(added > 0 ? [counted(added, 'new cue')] : []),
    ...(removed > 0 ? [`${counted(removed, 'cue')} removed`] : []),
  ];
}

/** They follow from what was told already, or say nothing by themselves. */
const SILENT = /^(updated_at|(first|last|sw|ne)_(lat|lng)|.*_url|url)$/;
const NAMED = 3;

function others({ attributes }: NonNullable<Step['change']>, units: Units): string[] {
  const rest = attributes.filter(({ key }) => !(key in TOLD) && !SILENT.test(key));
  if (rest.length === 0) return [];
  const labels = rest
    .slice(0, NAMED)
    .map(({ key, after }) => attribute(key, after, units).label.slice(0, 40).toLowerCase());
  const more = rest.length > NAMED ? [counted(rest.length - NAMED, 'more attribute')] : [];
  return [`${[...labels, ...more].join(labels.length > 1 || more.length > 0 ? ', ' : '')} changed`];
}

/** How we came to know, and how long it took. */
export function learntInWords(learnt: Learnt | null, fetchedAt: string): string {
  if (learnt === null) return 'How we learnt of it is not on record';
  const lag = Date.parse(fetchedAt) - Date.parse(learnt.at);
  return `${ORIGINS[learnt.origin] ?? 'Learnt otherwise'}, here ${inWords(latency(Math.max(0, lag)))} later`;
}

const ORIGINS: Record<string, string> = {
  webhook: 'Told by webhook',
  reconciliation: 'Found by reconciliation',
  backfill: 'Found when the library was listed',
  audit: 'Found by an audit',
  person: 'Asked for by you',
  'follow-up': 'Found by following up another change',
};

/** `It stood for 3 days`, or for how long it has. */
export function stoodInWords({ fetched_at, replaced_at }: Revision, now: Date): string {
  const end = replaced_at === null ? now.getTime() : Date.parse(replaced_at);
  const time = span(Math.max(0, end - Date.parse(fetched_at)) / 1_000);
  return replaced_at === null ? `has stood for ${time}` : `stood for ${time}`;
}

export const PASSAGES: Record<Passage['what'], string> = {
  deleted: 'Deleted at Ride With GPS',
  hidden: 'No longer visible to you at Ride With GPS',
  back: 'Back at Ride With GPS',
};
