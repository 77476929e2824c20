import type { Comparison } from '../../src/history/compare.ts';
import type { Step } from '../../src/history/steps.ts';
import type { Passage, Revision } from '../../src/storage/history.ts';
import type { WhyEvent } from '../../src/web/why-events.ts';
import type { Why } from '../../src/web/why-verdict.ts';
import { roundTrip, thumbnailOf } from './tracks.ts';

/** Pasts that never were, for pages. */

type Version = Revision & { step: Step | undefined };

const CHANGES: Step['change'][] = [
  {
    attributes: [
      { key: 'name', before: 'Morning loop', after: 'Vršič before breakfast' },
      { key: 'distance', before: 61_000, after: 64_210 },
    ],
    sameLine: false,
    sameTrack: false,
    points: 120,
    cues: { added: 0, removed: 0 },
  },
  {
    attributes: [{ key: 'visibility', before: 'public', after: 'friends_only' }],
    sameLine: true,
    sameTrack: true,
    points: 0,
    cues: { added: 0, removed: 0 },
  },
  null,
];

/** The newest first, down to number 1. */
export function versions(newest: number): Version[] {
  return CHANGES.map((change, at): Version => {
    const day = (offset: number) => new Date(Date.parse('2026-07-04T08:04:00Z') - offset * 86_400_000).toISOString();
    return {
      revision: newest - at,
      updated_at: day(at),
      fetched_at: day(at),
      confirmed_at: day(at),
      replaced_at: at === 0 ? null : day(at - 1),
      bytes: 400_000,
      learnt: { origin: at === 2 ? 'backfill' : 'webhook', action: 'updated', at: day(at) },
      step: {
        revision: newest - at,
        thumbnail: thumbnailOf(roundTrip({ points: 50, seed: at })),
        points: 4_000,
        change,
      },
    };
  });
}

export function passages(): Passage[] {
  const learnt = { origin: 'webhook', action: 'deleted', at: '2026-07-04T10:00:00Z' };
  return [
    {
      at: '2026-07-04T11:00:00.000Z',
      what: 'back',
      learnt: { ...learnt, origin: 'person', at: '2026-07-04T10:59:58Z' },
    },
    { at: '2026-07-04T10:00:01.000Z', what: 'deleted', learnt },
  ];
}

export function comparison(changes: Partial<Comparison> = {}): Comparison {
  const lineOf = (seed: number) => {
    const { x, y } = roundTrip({ points: 300, seed });
    return x.map((lng, at): [number, number] => [lng ?? 0, y[at] ?? 0]);
  };
  return {
    attributes: {
      changed: [
        { key: 'name', before: 'Morning loop', after: 'Vršič before breakfast' },
        { key: 'distance', before: 61_000, after: 64_210 },
        { key: 'avg_speed', before: 21.41, after: 21.42 },
        { key: 'a_new_key', before: undefined, after: '9'.repeat(300) },
      ],
      same: { activity_type: 'cycling:road', calories: 2104 },
      more: 3,
    },
    cues: {
      before: 2,
      after: 2,
      added: { total: 61, cues: [{ x: 13.7, y: 46.4, d: 1_240, type: 'Left', text: 'Left onto Vršiška cesta' }] },
      removed: { total: 1, cues: [{ x: 13.7, y: 46.4, d: null, type: 'Right', text: '' }] },
    },
    points: { before: 3_880, after: 4_000 },
    pois: { before: 0, after: 0 },
    line: { before: 61_000, after: 64_210, added: 8_400, removed: 5_200, same: false, sameTrack: false },
    drawing: { line: lineOf(1), other: lineOf(3) },
    ...changes,
  };
}

export function why(changes: Partial<Why> = {}): Why {
  const event = (at: number, over: Partial<WhyEvent> = {}): WhyEvent => ({
    at: new Date(Date.parse('2026-07-04T10:00:00Z') + at * 1_000).toISOString(),
    after_ms: at === 0 ? null : 1_000,
    kind: 'learnt',
    attention: false,
    what: 'A webhook told of it (“updated”)',
    meaning: '',
    ...over,
  });
  return {
    type: 'trip',
    id: '1',
    name: 'Vršič before breakfast',
    state: 'active',
    verdict: {
      tone: 'attention',
      sentence: 'It is here, but a change of it could not be fetched yet.',
      meaning: 'It answered 502. It is tried again in 1 minute.',
    },
    events: [
      ...Array.from({ length: 20 }, (_, at) => event(at)),
      event(86_400, {
        kind: 'answered',
        attention: true,
        what: 'Ride With GPS could not be reached',
        meaning: 'It answered 502.',
      }),
      event(93_600, {
        kind: 'now',
        attention: true,
        what: 'It is tried again in 1 minute',
        meaning: '3 attempts so far.',
      }),
    ],
    ...changes,
  };
}
