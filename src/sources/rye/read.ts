import { evidenceIn } from '../element.ts';
import type { Parsed, Reading } from '../source.ts';
import { readEvent } from './event.ts';

/** The one account: Rye's webhooks name a developer, whose secret they are signed with already. */
export const ACCOUNT = { id: 'default', name: 'Rye' };

export function parse(body: Buffer): Parsed {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    // Signed by the provider, and still not readable.
    return unreadable('not-json', 'is not valid JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return unreadable('no-event', 'is not an event');
  }
  return { ok: true, value };
}

function unreadable(code: string, what: string): Parsed {
  const sentence = `A webhook was signed by Rye but ${what}. It is kept. What it announced is found by the next reconciliation where it was an event of v2; of v1 there is nothing to ask. Replay it after an update of Slipstream.`;
  return { ok: false, problem: { code, sentence } };
}

/** A request is one event. */
export const read = (value: unknown, learntAt: number): Reading =>
  Array.isArray(value) ? { notifications: [], rejections: [] } : readElement(value, learntAt);

export function readElement(element: unknown, learntAt: number): Reading {
  const read = readEvent(element);
  if (!read.ok) return rejected(element, read.why);
  const { type, id, action, statement } = read.event;
  const key = { source: 'rye', account: ACCOUNT.id, type, id } as const;
  const announcesDeletion = statement.body === null;
  return {
    notifications: [{ key, origin: 'webhook', action, learntAt, announcesDeletion, statement }],
    rejections: [],
  };
}

function rejected(element: unknown, why: string): Reading {
  const sentence = `A webhook of Rye ${why}. Nothing was changed by it. It is kept: replay it after an update of Slipstream, or dismiss it when you do not need it.`;
  const evidence = evidenceIn(element);
  return { notifications: [], rejections: [{ problem: { code: 'unreadable-notification', sentence }, evidence }] };
}
