import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { Unreadable } from './recording.ts';

export type Node = Record<string, unknown>;

/**
 * Reads bytes as XML. Prefixes are dropped rather than resolved: files in the wild use prefixes they never declared, and the names
 * behind them are clear. A document type is refused, so that no entity but the five of XML exists.
 * @throws Unreadable where the bytes are not well-formed XML in the encoding they name.
 */
export function readXml(bytes: Uint8Array): Node {
  const text = decode(bytes);
  if (/<!DOCTYPE/i.test(text)) throw new Unreadable('It declares a document type, which no track file needs.');
  const valid = XMLValidator.validate(text);
  if (valid !== true) throw new Unreadable(`It is not well-formed XML (line ${valid.err.line}: ${valid.err.msg})`);
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    removeNSPrefix: true,
    parseTagValue: false,
    parseAttributeValue: false,
  });
  const root: unknown = parser.parse(text);
  return isNode(root) ? root : {};
}

/** A byte order mark decides, else the declaration, else UTF-8. */
function decode(bytes: Uint8Array): string {
  const start = Buffer.from(bytes.subarray(0, 200));
  const [first, second] = start;
  const marked =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : undefined;
  const declared = /^<\?xml[^>]*encoding=["']([\w.:-]+)["']/.exec(start.toString('latin1'))?.[1];
  const label = marked ?? declared ?? 'utf-8';
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes);
  } catch (error) {
    throw new Unreadable(`Its text is not ${label}, as it says or as files are unless they say.`, { cause: error });
  }
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Elements of that name below a node, however many: an empty element comes as a text and counts as an empty node. */
export function all(node: Node | undefined, ...path: string[]): Node[] {
  let found = node ? [node] : [];
  for (const name of path) {
    found = found.flatMap((one) => {
      const value = one[name];
      const list: unknown[] = value === undefined ? [] : Array.isArray(value) ? value : [value];
      return list.map((child) => (isNode(child) ? child : { '#text': child }));
    });
  }
  return found;
}

export function one(node: Node | undefined, ...path: string[]): Node | undefined {
  return all(node, ...path)[0];
}

/** The trimmed text of an element; empty where there is none. */
export function textOf(node: Node | undefined, ...path: string[]): string {
  const text = one(node, ...path)?.['#text'];
  return typeof text === 'string' ? text.trim() : '';
}

/** A finite number, or undefined: files write `undefined`, `bad data` and nothing at all where numbers belong. */
export function numberOf(text: unknown): number | undefined {
  if (typeof text !== 'string' || text.trim() === '') return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** Epoch seconds. */
export function secondsOf(text: string): number | undefined {
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time / 1_000;
}

/** Longitude and latitude, both or neither, in degrees with six decimals. */
export function placeOf(lng: number | undefined, lat: number | undefined): { x: number; y: number } | undefined {
  if (lng === undefined || lat === undefined || Math.abs(lat) > 90 || Math.abs(lng) > 180) return undefined;
  return { x: Math.round(lng * 1e6) / 1e6, y: Math.round(lat * 1e6) / 1e6 };
}

/** An object without the keys that have no value. */
export function known<Value>(values: Record<string, Value | undefined>): Record<string, Value> {
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, Value] => entry[1] !== undefined));
}
