import type { Key } from '../../vocabulary.ts';
import { digitsIn, evidenceIn, isObject, word } from '../element.ts';
import { type Parsed, pinsOf, type Reading, type ReadNotification } from '../source.ts';

/** The provider sends at most 100 notifications a request. What is unreadable beyond that is counted, not kept. */
const MOST_REJECTIONS = 100;

const PRIVACY_CODE = /[?&]privacy_code=([A-Za-z0-9_-]{1,64})(?:[&#]|$)/;

/** The 2022 dialect says `pinned` and `unpinned`, v1 says `added` and `removed` with a collection. */
const PIN_ACTIONS = new Set(['added', 'removed', 'pinned', 'unpinned']);
const UNPIN_ACTIONS = new Set(['removed', 'unpinned']);

/** Sync answers use the same words as v1 notifications. */
export const isPinAction = (action: string): boolean => PIN_ACTIONS.has(action);
export const isItemType = (type: unknown): type is 'route' | 'trip' => type === 'route' || type === 'trip';
export const idIn = digitsIn;

/** Escaped or not, the word is in every body that has a code. */
export const holdsSecret = (body: Buffer): boolean => body.includes('privacy_code');

/** A code that is cut, misspelt or in JSON of its own is one too. */
export const withoutSecret = (text: string): string =>
  text.replace(/(privacy_code\W{0,2}?(?:=|:|%3D|\\u003d)[\s"'\\]*)[\w%-]+/gi, '$1…');

export function parse(body: Buffer): Parsed {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    // The seed's own example is not valid JSON: signed by the provider, and still not readable.
    return unreadable('not-json', 'is not valid JSON');
  }
  if (!isObject(value) || !Array.isArray(value.notifications)) {
    return unreadable('no-notifications', 'has no list of notifications');
  }
  return { ok: true, value: value.notifications };
}

function unreadable(code: string, what: string): Parsed {
  const sentence = `A webhook was signed by Ride With GPS but ${what}. It is kept; the next reconciliation finds what it announced. Replay it after an update of Slipstream.`;
  return { ok: false, problem: { code, sentence } };
}

export function read(value: unknown, learntAt: number): Reading {
  const reading: Reading = { notifications: [], rejections: [] };
  let more = 0;
  for (const element of Array.isArray(value) ? value : []) {
    const { notifications, rejections } = readElement(element, learntAt);
    reading.notifications.push(...notifications);
    if (reading.rejections.length < MOST_REJECTIONS) reading.rejections.push(...rejections);
    else more += rejections.length;
  }
  if (more > 0) reading.rejections.push(rejection(`was followed by ${more} more that could not be read either`, ''));
  return reading;
}

/** One notification of either dialect: nothing but "look at this again, for this account". */
export function readElement(element: unknown, learntAt: number): Reading {
  if (!isObject(element)) return rejected(element, 'is not an object');
  const { action, item_type: type, item_url: url, collection } = element;
  const account = idIn(element.user_id);
  const id = idIn(element.item_id);
  if (!account) return rejected(element, 'names no user');
  if (typeof action !== 'string' || action === '') return rejected(element, 'names no action');
  if (!isItemType(type))
    return rejected(element, `is about a kind of item that Slipstream does not know (${kindOf(type)})`);
  if (!id) return rejected(element, 'names no item');

  const secret = typeof url === 'string' ? PRIVACY_CODE.exec(url)?.[1] : undefined;
  if (isPinAction(action)) {
    if (isOtherCollection(collection)) return { notifications: [], rejections: [] };
    const pins = hint(pinsOf({ source: 'ridewithgps', account }), action, learntAt);
    // The pinned collection says which items, and never the code that opens one of somebody else.
    const key = { source: 'ridewithgps', account, type, id } as const;
    const opened =
      secret !== undefined && !UNPIN_ACTIONS.has(action) ? [{ ...hint(key, action, learntAt), secret }] : [];
    return { notifications: [...opened, pins], rejections: [] };
  }
  // Who acted and who owns the item may differ (v1, `item_user_id`): it may have changed for both.
  const accounts = new Set([account, idIn(element.item_user_id) ?? account]);
  const notifications = [...accounts].map((each) => ({
    ...hint({ source: 'ridewithgps', account: each, type, id }, action, learntAt),
    ...(secret !== undefined && { secret }),
  }));
  return { notifications, rejections: [] };
}

function hint(key: Key, action: string, learntAt: number): ReadNotification {
  return { key, origin: 'webhook', action: word(action), learntAt, announcesDeletion: action === 'deleted' };
}

/** Only the pinned collection is mirrored; the provider says that other types may come. */
const isOtherCollection = (collection: unknown): boolean =>
  isObject(collection) && typeof collection.type === 'string' && collection.type !== 'pinned';

/** Never by `String`: what came as JSON may have a `toString` that is no function. */
const kindOf = (type: unknown): string => (typeof type === 'string' ? word(type) : typeof type);

function rejected(element: unknown, what: string): Reading {
  return { notifications: [], rejections: [rejection(what, evidenceIn(element, withoutSecret))] };
}

function rejection(what: string, evidence: string): Reading['rejections'][number] {
  const sentence = `One notification in a webhook ${what}. The others in it were taken; the next reconciliation finds what this one announced. Nothing needs to be done unless this goes on.`;
  return { problem: { code: 'unreadable-notification', sentence }, evidence };
}
