import fc from 'fast-check';

/** One thing that happens. Numbers choose among what there is at that moment, so that every history makes sense, shrunk ones too. */
export type Step =
  | { do: 'create'; rider: number; type: 'route' | 'trip' }
  /** `untouched`: `updated_at` stays. `unlogged`: neither webhook nor sync.json tells of it. */
  | { do: 'edit'; item: number; manner: 'ordinary' | 'untouched' | 'unlogged' }
  | { do: 'remove'; item: number; manner: 'ordinary' | 'unlogged' }
  | { do: 'share'; item: number; visibility: 'public' | 'private' }
  | { do: 'pin' | 'unpin'; rider: number; item: number; manner: 'ordinary' | 'unlogged' }
  /** One of the webhooks that are on their way. */
  | { do: 'deliver'; which: number; times: 1 | 2 }
  | { do: 'deliver all'; order: 'sent' | 'reversed' }
  | { do: 'lose'; which: number }
  /** Any webhook that was ever sent, delivered or not. */
  | { do: 'replay'; which: number }
  | { do: 'work' }
  | { do: 'reconcile' | 'audit'; rider: number }
  | { do: 'wait'; seconds: number }
  /** The answers for an item are worked out, and come only after the release. */
  | { do: 'hold'; item: number }
  | { do: 'release' }
  | { do: 'stumble'; how: 'error 500' | 'limit 429' | 'unauthorized 401' | 'cut' | 'html' }
  /** The process ends at the n-th write from here. */
  | { do: 'kill'; write: number; side: 'before' | 'after' };

const some = fc.nat({ max: 30 });
const said = fc.constantFrom('ordinary', 'ordinary', 'unlogged');
const rider = fc.nat({ max: 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant('create'), rider, type: fc.constantFrom('route', 'trip') }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('edit'),
      item: some,
      manner: fc.constantFrom('ordinary', 'untouched', 'unlogged'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('remove'), item: some, manner: fc.constantFrom('ordinary', 'unlogged') }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('share'), item: some, visibility: fc.constantFrom('public', 'private') }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('pin', 'pin', 'unpin'), rider, item: some, manner: said }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('deliver'), which: some, times: fc.constantFrom(1, 2) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('deliver all'), order: fc.constantFrom('sent', 'reversed') }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('lose'), which: some }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('replay'), which: some }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('work') }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('reconcile', 'audit'), rider }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait'), seconds: fc.constantFrom(1, 3, 61, 600, 90_000) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('hold'), item: some }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('release') }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('stumble'),
      how: fc.constantFrom('error 500', 'limit 429', 'unauthorized 401', 'cut', 'html'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('kill'),
      write: fc.integer({ min: 1, max: 12 }),
      side: fc.constantFrom('before', 'after'),
    }),
  },
);

export const steps: fc.Arbitrary<Step[]> = fc.array(step, { minLength: 1, maxLength: 30, size: 'max' });
