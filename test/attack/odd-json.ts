import type { Random } from '../../src/sandbox/random.ts';

/** As text: much of it is nothing that `JSON.stringify` would ever write. */
const SCALARS = [
  'null',
  'true',
  'false',
  '0',
  '-0',
  '-1',
  '1.5',
  '1e308',
  '1e400',
  '-1e400',
  '9007199254740993',
  '99999999999999999999999999',
  '1E-7',
  '""',
  '" 1"',
  '"1"',
  '"1.0"',
  '"-1"',
  '"1e3"',
  '"0x10"',
  '"__proto__"',
  '"constructor"',
  '"../../users/current"',
  '"1.json?x=1"',
  '"1%2f2"',
  '"\\u0000"',
  '"\\ud800"',
  '"\\u202e\\u001b[31m"',
  '"𝟙"',
  '"<script>alert(1)</script>"',
  '"\'; DROP TABLE tasks; --"',
] as const;

const URLS = [
  '"http://evil.example/trips/1.json?privacy_code=stolen"',
  '"https://ridewithgps.com@evil.example/trips/1.json"',
  '"//evil.example/trips/1.json"',
  '"https://ridewithgps.com./trips/1.json?privacy_code=abc"',
  '"https://ridewithgps.com:1/trips/1.json"',
  '"file:///etc/passwd"',
  '"javascript:alert(1)"',
  '"http://[::1]/?privacy_code=\\r\\nx-evil: 1"',
] as const;

const KINDS = ['"trip"', '"route"', '"yak"', '"Trip"', '"trip "'] as const;
const ACTIONS = [
  '"created"',
  '"updated"',
  '"deleted"',
  '"added"',
  '"removed"',
  '"pinned"',
  '"unpinned"',
  '"!"',
] as const;
/** None of them is connected, so nothing is fetched for them. */
const USERS = ['777001', '"777002"', '777003'] as const;
const IDS = ['1', '"2"', '3'] as const;
const COLLECTIONS = ['null', '{"id":1,"type":"pinned","url":"x"}', '{"type":"favourites"}', '{"type":{}}'] as const;
const NAMES = ['__proto__', 'constructor', 'toString', 'valueOf', 'length', 'toJSON', 'user_id', ''] as const;

/** Any JSON text. */
function oddValue(random: Random, depth = 0): string {
  const kind = random.next();
  if (depth < 4 && kind < 0.15) {
    return `[${several(random, 4, () => oddValue(random, depth + 1)).join()}]`;
  }
  if (depth < 4 && kind < 0.3) {
    return `{${several(random, 4, () => `"${random.pick(NAMES)}":${oddValue(random, depth + 1)}`).join()}}`;
  }
  if (kind < 0.304) return `${'['.repeat(5_000)}${']'.repeat(5_000)}`;
  if (kind < 0.308) return `"${'x'.repeat(20_000)}"`;
  return random.pick(SCALARS);
}

/** Something like a notification of either dialect. Some of them are quite right, but for nobody that is here. */
export function oddNotification(random: Random): string {
  if (random.chance(0.15)) return oddValue(random);
  const or = (known: readonly [string, ...string[]]) => (random.chance(0.75) ? random.pick(known) : oddValue(random));
  const keys = [
    `"user_id":${or(USERS)}`,
    `"item_type":${or(KINDS)}`,
    `"item_id":${or(IDS)}`,
    `"item_url":${or(URLS)}`,
    `"action":${or(ACTIONS)}`,
    `"item_user_id":${or(USERS)}`,
    `"collection":${or(COLLECTIONS)}`,
    `"${random.pick(NAMES)}":${oddValue(random)}`,
  ];
  // Left out, in another order, or there twice.
  const chosen = keys
    .filter(() => random.chance(0.9))
    .concat(random.chance(0.1) ? random.pick(['"user_id":{}', '"action":1']) : []);
  return `{${chosen.sort(() => random.next() - 0.5).join()}}`;
}

/** A body that may be signed. */
export function oddBody(random: Random): string {
  const list = `[${several(random, 8, () => oddNotification(random)).join()}]`;
  const kind = random.next();
  if (kind < 0.8) return `{"notifications":${list}}`;
  if (kind < 0.85) return `{"notifications":${list},"notifications":${oddValue(random)},"more":${oddValue(random)}}`;
  if (kind < 0.9) return `{"__proto__":{"notifications":${list}}}`;
  if (kind < 0.95) return list;
  return oddValue(random);
}

const several = <T>(random: Random, most: number, make: () => T): T[] =>
  Array.from({ length: random.integer(0, most) }, make);
