import { describe, expect, test } from 'vitest';
import { createSources } from '../src/sources/index.ts';
import { describeRide, rideIn } from '../src/sources/ridewithgps/describe.ts';
import { parse, read } from '../src/sources/ridewithgps/read.ts';
import { thumbnailOf } from '../src/sources/ridewithgps/thumbnail.ts';
import { createVerify } from '../src/sources/ridewithgps/verify.ts';

const AT = 1_700_000_000_000;
const one = (element: unknown) => read([element], AT);
const keys = (element: unknown) =>
  one(element).notifications.map(({ key: { account, type, id } }) => `${account} ${type}/${id}`);

describe('a notification of Ride With GPS', () => {
  const v2022 = {
    user_id: 1,
    item_type: 'trip',
    item_id: 2,
    item_url: 'https://ridewithgps.com/trips/2.json',
    action: 'created',
  };

  test.each(['created', 'updated', 'deleted', 'something new'])('"%s" asks to look at the item again', (action) => {
    expect(one({ ...v2022, action }).notifications).toEqual([
      {
        key: { source: 'ridewithgps', account: '1', type: 'trip', id: '2' },
        origin: 'webhook',
        action,
        learntAt: AT,
        announcesDeletion: action === 'deleted',
      },
    ]);
  });

  test.each(['pinned', 'unpinned', 'added', 'removed'])(
    '"%s" asks to read the whole pinned set of who acted',
    (action) => {
      expect(keys({ ...v2022, action, item_user_id: 9 })).toEqual(['1 pinned/pinned']);
      expect(keys({ ...v2022, action, collection: { id: 3, type: 'pinned', url: 'x' } })).toEqual(['1 pinned/pinned']);
      expect(keys({ ...v2022, action, collection: null })).toEqual(['1 pinned/pinned']);
    },
  );

  test('another kind of collection is no business of ours', () => {
    expect(one({ ...v2022, action: 'added', collection: { id: 3, type: 'favourites' } })).toEqual({
      notifications: [],
      rejections: [],
    });
  });

  test('who acted and who owns the item may differ: it is looked at for both', () => {
    expect(keys({ ...v2022, item_user_id: 5 })).toEqual(['1 trip/2', '5 trip/2']);
    expect(keys({ ...v2022, item_user_id: 1 })).toEqual(['1 trip/2']);
  });

  test('ids may be text, and must be ids', () => {
    expect(keys({ ...v2022, user_id: '1', item_id: '2' })).toEqual(['1 trip/2']);
    // 9007199254740993 is another number once it is parsed, and 007 is item 7.
    for (const item_id of ['../users', '2.json', '2?x', '', null, 1.5, -1, 0, {}, '9'.repeat(30), 2 ** 53, '007']) {
      expect(one({ ...v2022, item_id }).notifications).toEqual([]);
      expect(one({ ...v2022, item_id }).rejections).toHaveLength(1);
    }
  });

  test('a privacy code is taken out of the URL by a strict pattern, and nothing else of the URL is', () => {
    const secretOf = (item_url: unknown) => one({ ...v2022, item_url }).notifications[0]?.secret;
    expect(secretOf('https://ridewithgps.com/trips/2.json?privacy_code=abc-DEF_1')).toBe('abc-DEF_1');
    expect(secretOf('https://evil.example/?x=1&privacy_code=abc&y')).toBe('abc');
    for (const url of [
      'https://x/?privacy_code=',
      'https://x/?privacy_code=a%0Ab',
      `https://x/?privacy_code=${'a'.repeat(65)}`,
      'https://x/?a_privacy_code=b',
      7,
      null,
      undefined,
    ]) {
      expect(secretOf(url)).toBeUndefined();
    }
  });

  test('a pin with a privacy code opens the item too, since the pinned collection has no codes', () => {
    const item_url = 'https://ridewithgps.com/trips/2.json?privacy_code=abc';
    for (const action of ['pinned', 'added']) {
      const { notifications } = one({ ...v2022, action, item_url });
      expect(notifications.map(({ key: { account, type, id }, secret }) => [account, type, id, secret])).toEqual([
        ['1', 'trip', '2', 'abc'],
        ['1', 'pinned', 'pinned', undefined],
      ]);
    }
    for (const action of ['unpinned', 'removed'])
      expect(keys({ ...v2022, action, item_url })).toEqual(['1 pinned/pinned']);
  });

  test('what cannot be read keeps its evidence, cut short', () => {
    const { rejections } = one({ ...v2022, item_type: 'yak', padding: 'x'.repeat(9_000) });
    expect(rejections[0]?.evidence).toMatch(/^\{"user_id":1,.{1900,2000}\n… cut here, of 9,\d+ bytes\.$/);
    expect(rejections[0]?.problem.sentence).toMatch(/kind of item.*yak/);
    for (const element of [null, 7, 'text', [], {}]) expect(one(element).rejections).toHaveLength(1);
  });

  test('a body is read only as far as to know that it is one', () => {
    expect(parse(Buffer.from('{"notifications":[1]}'))).toEqual({ ok: true, value: [1] });
    // The example of the provider's own page: missing and trailing commas.
    expect(parse(Buffer.from('{"notifications":[{"user_id":1 "action":"pinned"},]}'))).toMatchObject({
      ok: false,
      problem: { code: 'not-json' },
    });
  });
});

describe('a signature', () => {
  test('matches the public vector for HMAC-SHA256', () => {
    const { verify } = createVerify([{ apiKey: 'k', webhookSecrets: ["It's a Secret to Everybody"] }]);
    const headers = {
      'x-rwgps-api-key': 'k',
      'x-rwgps-signature': '757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
    };
    expect(verify({ headers, body: Buffer.from('Hello, World!') })).toEqual({ ok: true, client: 'k' });
    expect(verify({ headers, body: Buffer.from('Hello, World.') })).toMatchObject({ ok: false });
  });

  test('nothing verifies for a client that has no secret', () => {
    const { verify } = createVerify([{ apiKey: 'k', webhookSecrets: [] }]);
    expect(
      verify({ headers: { 'x-rwgps-api-key': 'k', 'x-rwgps-signature': '0'.repeat(64) }, body: Buffer.from('') }),
    ).toMatchObject({ ok: false });
  });
});

describe('an answer', () => {
  test.each([
    ['v1', { trip: { id: 7 } }],
    ['legacy with a type', { type: 'trip', trip: { id: 7 } }],
    ['legacy at the root', { id: 7 }],
  ])('in the form of %s is read', (_, answer) => {
    expect(rideIn(answer, { type: 'trip', id: '7' })).toMatchObject({ id: 7 });
  });

  test('that is another item is not taken for this one', () => {
    for (const answer of [{ trip: { id: 8 } }, { route: { id: 7 } }, {}, { trip: null }]) {
      expect(() => rideIn(answer, { type: 'trip', id: '7' })).toThrow();
    }
  });

  test('with nulls and strange types nearly everywhere is still an item', () => {
    const described = describeRide(
      {
        id: 7,
        name: null,
        distance: null,
        duration: '12',
        departed_at: 'never',
        updated_at: 3,
        track_points: [null, 1, {}],
      },
      { account: '1' },
    );
    expect(described).toMatchObject({
      title: '',
      version: '',
      owned: false,
      happenedAt: '',
      ride: { distance: null, duration: null, departed_at: null, thumbnail: [] },
    });
  });

  test('is the account’s own by its owner’s id, as a number or as text', () => {
    expect(describeRide({ user_id: 1 }, { account: '1' }).owned).toBe(true);
    expect(describeRide({ user_id: '1' }, { account: '1' }).owned).toBe(true);
    expect(describeRide({ user_id: 12 }, { account: '1' }).owned).toBe(false);
  });
});

describe('a thumbnail', () => {
  const inBox = (pairs: [number, number][]) => pairs.every(([x, y]) => x >= 0 && x <= 48 && y >= 0 && y <= 48);

  test('fits its box, keeps its proportions, and points north', () => {
    const line = thumbnailOf([
      { x: 0, y: 0 },
      { x: 1, y: 0 },
      { x: 1, y: 2 },
    ]);
    expect(inBox(line)).toBe(true);
    const [start, , end] = line;
    expect((start?.[1] ?? 0) - (end?.[1] ?? 0)).toBeGreaterThan(40);
  });

  test('is short for a long ride, and does not cross the map at the antimeridian', () => {
    const line = thumbnailOf(
      Array.from({ length: 50_000 }, (_, n) => ({ x: ((179.9 + n / 1e5 + 180) % 360) - 180, y: n / 1e5 })),
    );
    expect(line.length).toBeLessThanOrEqual(66);
    expect(inBox(line)).toBe(true);
    expect(Math.max(...line.map(([x], index) => Math.abs(x - (line[index - 1]?.[0] ?? x))))).toBeLessThan(2);
  });

  test('of a single point, of the poles and of nothing is no trouble', () => {
    expect(inBox(thumbnailOf([{ x: 3, y: 3 }]))).toBe(true);
    expect(
      inBox(
        thumbnailOf([
          { x: 0, y: 90 },
          { x: 0, y: -90 },
        ]),
      ),
    ).toBe(true);
    expect(thumbnailOf(undefined)).toEqual([]);
  });
});

test('a source that is not configured is not in the list; Pryv needs no settings', () => {
  expect([
    ...createSources(
      { ridewithgps: { baseUrl: 'http://x', clients: [], authToken: undefined } },
      { subKeys: () => [] },
    ).keys(),
  ]).toEqual(['ridewithgps', 'pryv']);
});
