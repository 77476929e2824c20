import { Profile } from '@garmin/fitsdk';

/**
 * Writes FIT messages by the names of Garmin's own profile. The encoder of the same package looks each field up anew for each
 * message: ten seconds for the points of a long day, in which its thread does nothing else. This one does it once.
 */
export interface FitWriter {
  /** What is undefined, or does not fit into its field, is left out. Words stand for the numbers of enumerated types. */
  write(message: string, values: Record<string, number | string | undefined>): void;
  /** The whole file with its checksums. */
  close(): Buffer;
}

/** FIT counts seconds from 1989-12-31, and angles in 2³¹ halves of a turn. */
const EPOCH = 631_065_600;
export const fitTime = (seconds: number): number => Math.floor(seconds) - EPOCH;
export const semicircles = (degrees: number): number => Math.round((degrees * 2 ** 31) / 180);

const HEADER_BYTES = 14;
/** What every reader knows; nothing of version 2 is used. */
const PROTOCOL = 0x10;
const DEFINITION = 0x40;
/** A file may speak of sixteen kinds of message at a time. */
const KINDS = 16;
const MOST_TEXT_BYTES = 254;

interface BaseType {
  code: number;
  bytes: number;
  /** What stands for "no value" is outside. */
  least: number;
  most: number;
}

const BASE_TYPES: Record<string, BaseType> = {
  enum: { code: 0x00, bytes: 1, least: 0, most: 0xfe },
  sint8: { code: 0x01, bytes: 1, least: -0x80, most: 0x7e },
  uint8: { code: 0x02, bytes: 1, least: 0, most: 0xfe },
  sint16: { code: 0x83, bytes: 2, least: -0x8000, most: 0x7ffe },
  uint16: { code: 0x84, bytes: 2, least: 0, most: 0xfffe },
  sint32: { code: 0x85, bytes: 4, least: -0x80000000, most: 0x7ffffffe },
  uint32: { code: 0x86, bytes: 4, least: 0, most: 0xfffffffe },
  string: { code: 0x07, bytes: 1, least: 0, most: 0 },
  uint32z: { code: 0x8c, bytes: 4, least: 1, most: 0xffffffff },
};

interface Field {
  num: number;
  base: BaseType;
  scale: number;
  offset: number;
  words: ReadonlyMap<string, number>;
}

/** A field with its value as it stands in the file. */
interface Given {
  field: Field;
  value: number | Buffer;
  bytes: number;
}

export function createFitWriter(): FitWriter {
  let bytes = Buffer.alloc(64 * 1024);
  let length = HEADER_BYTES;
  /** Kinds that were defined, by what is in them, least recently used first. */
  const defined = new Map<string, number>();

  function room(more: number): void {
    if (length + more <= bytes.length) return;
    bytes = Buffer.concat([bytes], Math.max(bytes.length * 2, length + more));
  }

  function kindOf(message: number, given: Given[]): number {
    const key = given.reduce((text, { field, bytes: size }) => `${text},${field.num}:${size}`, String(message));
    const known = defined.get(key);
    const kind = known ?? (defined.size < KINDS ? defined.size : oldest());
    if (known === undefined) define(kind, message, given);
    defined.delete(key);
    defined.set(key, kind);
    return kind;
  }

  function oldest(): number {
    const [[key, kind] = ['', 0]] = defined;
    defined.delete(key);
    return kind;
  }

  function define(kind: number, message: number, given: Given[]): void {
    room(6 + given.length * 3);
    // Reserved, little-endian.
    length = bytes.writeUInt8(DEFINITION | kind, length);
    length = bytes.writeUInt16LE(0, length);
    length = bytes.writeUInt16LE(message, length);
    length = bytes.writeUInt8(given.length, length);
    for (const { field, bytes: size } of given)
      length = bytes.writeUIntBE((field.num << 16) | (size << 8) | field.base.code, length, 3);
  }

  function put({ field, value, bytes: size }: Given): void {
    if (typeof value !== 'number') length += value.copy(bytes, length);
    else if (field.base.least < 0) length = bytes.writeIntLE(value, length, size);
    else length = bytes.writeUIntLE(value, length, size);
  }

  return {
    write(message, values) {
      const { num, fields } = messageNamed(message);
      const given: Given[] = [];
      for (const name in values) {
        const value = values[name];
        if (value === undefined) continue;
        const field = fields.get(name);
        if (!field) throw new Error(`FIT messages of ${message} have no ${name}.`);
        const one = givenOf(field, value);
        if (one) given.push(one);
      }
      const kind = kindOf(num, given);
      room(1 + given.reduce((sum, one) => sum + one.bytes, 0));
      length = bytes.writeUInt8(kind, length);
      for (const one of given) put(one);
    },
    close() {
      bytes.writeUInt8(HEADER_BYTES, 0);
      bytes.writeUInt8(PROTOCOL, 1);
      bytes.writeUInt16LE(Profile.version.major * 1_000 + Profile.version.minor, 2);
      bytes.writeUInt32LE(length - HEADER_BYTES, 4);
      bytes.write('.FIT', 8, 'latin1');
      bytes.writeUInt16LE(checksum(bytes.subarray(0, 12)), 12);
      room(2);
      length = bytes.writeUInt16LE(checksum(bytes.subarray(0, length)), length);
      return bytes.subarray(0, length);
    },
  };
}

function givenOf(field: Field, value: number | string): Given | undefined {
  const { base, scale, offset, words } = field;
  if (base === BASE_TYPES.string) {
    const text = Buffer.from(`${cut(String(value))}\0`);
    return text.length > 1 ? { field, value: text, bytes: text.length } : undefined;
  }
  const number = typeof value === 'string' ? words.get(value) : Math.round((value + offset) * scale);
  if (number === undefined || !(number >= base.least && number <= base.most)) return undefined;
  return { field, value: number, bytes: base.bytes };
}

function cut(text: string): string {
  let kept = '';
  let bytes = 0;
  for (const sign of text) {
    bytes += Buffer.byteLength(sign);
    if (bytes > MOST_TEXT_BYTES) break;
    kept += sign;
  }
  return kept;
}

interface Message {
  num: number;
  fields: ReadonlyMap<string, Field>;
}

const messages = new Map<string, Message>();

function messageNamed(name: string): Message {
  const known = messages.get(name);
  if (known) return known;
  const profile = Object.values(Profile.messages).find((each) => each.name === name);
  if (!profile) throw new Error(`The FIT profile has no message ${name}.`);
  const fields = Object.values(profile.fields).flatMap((given): [string, Field][] => {
    const base = BASE_TYPES[given.baseType];
    if (!base) return [];
    // A list where the field stands for another, newer one too.
    const [scale = 1] = [given.scale].flat();
    const [offset = 0] = [given.offset].flat();
    const words = new Map(
      Object.entries(Profile.types[given.type] ?? {}).map(([value, word]) => [word, Number(value)]),
    );
    return [[given.name, { num: given.num, base, scale, offset, words }]];
  });
  const message = { num: profile.num, fields: new Map(fields) };
  messages.set(name, message);
  return message;
}

/** Half a byte at a time, as the FIT protocol defines its CRC. */
const CRC = [
  0x0000, 0xcc01, 0xd801, 0x1400, 0xf001, 0x3c00, 0x2800, 0xe401, 0xa001, 0x6c00, 0x7800, 0xb401, 0x5000, 0x9c01,
  0x8801, 0x4400,
];

function checksum(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc = (crc >> 4) ^ (CRC[crc & 15] ?? 0) ^ (CRC[byte & 15] ?? 0);
    crc = (crc >> 4) ^ (CRC[crc & 15] ?? 0) ^ (CRC[byte >> 4] ?? 0);
  }
  return crc;
}
