import { evidenceIn, isObject } from '../element.ts';
import type { Parsed, Reading } from '../source.ts';
import { idIn, pathOf, type ResourceType, typeNamed } from './resources.ts';

/** `order.create`, `variant.stock_level_update`. */
const EVENT = /^([a-z_]{1,40})\.([a-z_]{1,40})$/;
/** Public integrations register `product.destroy` and `invoice.destroy`; systems alike say `delete`. */
const DELETIONS = new Set(['delete', 'deleted', 'destroy', 'destroyed']);

export function parse(body: Buffer): Parsed {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return isObject(value) ? { ok: true, value } : unreadable('not-an-event', 'is not an event');
  } catch {
    return unreadable('not-json', 'is not valid JSON');
  }
}

function unreadable(code: string, what: string): Parsed {
  const sentence = `A webhook was signed by TradeGecko but ${what}. It is kept; the next reconciliation finds what it announced. Replay it after an update of Slipstream.`;
  return { ok: false, problem: { code, sentence } };
}

// A body that could not be parsed when it was read again from disk has nothing in it.
export const read = (value: unknown, learntAt: number, client: string): Reading =>
  Array.isArray(value) ? { notifications: [], rejections: [] } : readElement(value, learntAt, client);

/** A request is one event: nothing but "look at this again, for the account of the address". */
export function readElement(element: unknown, learntAt: number, client: string): Reading {
  const account = idIn(client);
  if (!account) return rejected(element, 'names no account');
  if (!isObject(element)) return rejected(element, 'is not an object');
  const [, resource, action] = (typeof element.event === 'string' ? EVENT.exec(element.event) : null) ?? [];
  if (resource === undefined || action === undefined) return rejected(element, 'names no event');
  const type = typeNamed(resource);
  if (!type) return rejected(element, `is about a kind of record that Slipstream does not know (${resource})`);
  const id = idIn(element.object_id);
  if (!id) return rejected(element, 'names no record');
  if (!agrees(element.resource_url, type, id))
    return rejected(element, 'gives an address that is not that of its record');
  const key = { source: 'tradegecko', account, type, id } as const;
  const announcesDeletion = DELETIONS.has(action);
  return { notifications: [{ key, origin: 'webhook', action, learntAt, announcesDeletion }], rejections: [] };
}

/**
 * Does the payload's own address name the same record? It is never followed, whatever its host: what is fetched is built from the configured
 * origin, which behind a proxy is another one than the provider writes. Without an address there is nothing to disagree.
 */
function agrees(address: unknown, type: ResourceType, id: string): boolean {
  if (address === undefined || address === null) return true;
  if (typeof address !== 'string' || !URL.canParse(address)) return false;
  const { pathname } = new URL(address);
  const path = `/${pathOf(type)}/${id}`;
  return pathname === path || pathname === `${path}.json`;
}

function rejected(element: unknown, what: string): Reading {
  const sentence = `A webhook of TradeGecko ${what}. It was acknowledged and changes nothing; the next reconciliation finds what it announced. Nothing needs to be done unless this goes on.`;
  const evidence = evidenceIn(element);
  return { notifications: [], rejections: [{ problem: { code: 'unreadable-notification', sentence }, evidence }] };
}
