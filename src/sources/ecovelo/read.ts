import { evidenceIn, isObject, isText, word } from '../element.ts';
import type { Parsed, Reading } from '../source.ts';
import { idIn, kindOf } from './kinds.ts';
import { ACCOUNT } from './verify.ts';

/** No topic is final: `trip.terminated` comes before billing. Only these say that there will be nothing to fetch. */
const DELETIONS = new Set(['deleted', 'removed']);

export function parse(body: Buffer): Parsed {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    return unreadable('not-json', 'is not valid JSON');
  }
  return isObject(value) ? { ok: true, value } : unreadable('no-event', 'is not an event');
}

function unreadable(code: string, what: string): Parsed {
  const sentence = `A webhook came with Ecovelo’s secret but ${what}. It is kept; the next reconciliation finds what it announced. Replay it after an update of Slipstream.`;
  return { ok: false, problem: { code, sentence } };
}

/** A request is one event. */
export const read = (value: unknown, learntAt: number): Reading => readElement(value, learntAt);

/** An event in either envelope: nothing but "look at this again". Its object may be older than what we have, so only the id is taken. */
export function readElement(event: unknown, learntAt: number): Reading {
  if (!isObject(event)) return rejected(event, 'is not an object');
  const topic = topicIn(event);
  if (topic === undefined) return rejected(event, 'names no topic');
  const object = objectIn(event, topic);
  if (!object) return rejected(event, `(${word(topic)}) has no object in it`);
  const id = idIn(object.id);
  if (id === undefined) return rejected(event, `(${word(topic)}) has an object without an id that can be asked for`);
  const type = kindOf(topic, id);
  if (type === undefined)
    return rejected(event, `is about a kind of object that Slipstream does not know (${word(topic)})`);
  const key = { source: 'ecovelo', account: ACCOUNT, type, id } as const;
  const announcesDeletion = DELETIONS.has(topic.slice(topic.lastIndexOf('.') + 1));
  return {
    notifications: [{ key, origin: 'webhook', action: word(topic), learntAt, announcesDeletion }],
    rejections: [],
  };
}

/** The names of an envelope's fields are documented nowhere: the usual ones are taken. All topics that are known have a dot in them. */
function topicIn({ topic, type }: Record<string, unknown>): string | undefined {
  const words = [topic, type].filter(isText);
  return words.find((each) => each.includes('.')) ?? words[0];
}

/** The object itself, or wrapped once more: `{data: {object: {…}}}`, `{payload: {trip: {…}}}`. */
function objectIn({ data, payload, object }: Record<string, unknown>, topic: string) {
  const outer = [data, payload, object].filter(isObject);
  const inner = outer.flatMap((each) => [each.object, each[topic.split('.', 1)[0] ?? '']].filter(isObject));
  return [...outer, ...inner].find(({ id }) => id !== undefined) ?? outer[0];
}

function rejected(event: unknown, what: string): Reading {
  const sentence = `A webhook of Ecovelo ${what}. It is kept; the next reconciliation finds what it announced. Nothing needs to be done unless this goes on.`;
  const problem = { code: 'unreadable-notification', sentence };
  return { notifications: [], rejections: [{ problem, evidence: evidenceIn(event) }] };
}
