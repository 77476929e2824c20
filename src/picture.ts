import type { Picture } from './storage/photos.ts';

/** Larger ones are no photos, and a browser that is told so lays out a page for them. */
const MOST_PIXELS = 65_535;

/**
 * What bytes are, by nothing but themselves: a picture of dots in one of the forms that browsers show, and how large it is. Whatever
 * else somebody calls it, with a script in it or none, is none of these.
 *
 * @returns undefined for everything else.
 */
export function pictureIn(bytes: Buffer): Picture | undefined {
  for (const [media, read] of FORMS) {
    const size = read(bytes);
    if (size) return isSize(size) ? { media, ...size } : undefined;
  }
  return undefined;
}

interface Size {
  width: number;
  height: number;
}

const isSize = ({ width, height }: Size): boolean => [width, height].every((side) => side > 0 && side <= MOST_PIXELS);

/** Each answers undefined for what is not of its form, and where the size is not to be found. */
const FORMS: readonly (readonly [media: Picture['media'], read: (bytes: Buffer) => Size | undefined])[] = [
  ['image/jpeg', jpeg],
  ['image/png', png],
  ['image/gif', gif],
  ['image/webp', webp],
  ['image/avif', avif],
];

const begins = (bytes: Buffer, text: string, at = 0): boolean =>
  bytes.subarray(at, at + text.length).equals(Buffer.from(text, 'latin1'));

/** ITU T.81, annex B: segments up to the frame header, which has the size. */
function jpeg(bytes: Buffer): Size | undefined {
  if (!begins(bytes, '\xff\xd8\xff')) return undefined;
  let sideways = false;
  for (let at = 2; at + 9 < bytes.length; ) {
    if (bytes[at] !== 0xff) return undefined;
    const marker = bytes.readUInt8(at + 1);
    // Any number of these may stand before a marker.
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const length = bytes.readUInt16BE(at + 2);
    if (isFrame(marker)) {
      const [height, width] = [bytes.readUInt16BE(at + 5), bytes.readUInt16BE(at + 7)];
      return sideways ? { width: height, height: width } : { width, height };
    }
    if (marker === 0xe1) sideways = liesSideways(bytes.subarray(at + 4, at + 2 + length)) || sideways;
    if (marker === 0xda || length < 2) return undefined;
    at += 2 + length;
  }
  return undefined;
}

/** SOF0 to SOF15 without the three that are something else. */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

/** Exif 2.32, 4.6: tag 0x112 of the first directory; 5 to 8 are turned by a quarter, and browsers turn them back. */
function liesSideways(segment: Buffer): boolean {
  if (!begins(segment, 'Exif\0\0')) return false;
  const tiff = segment.subarray(6);
  const little = begins(tiff, 'II');
  const short = (at: number) => (at + 2 > tiff.length ? 0 : little ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const long = (at: number) => (at + 4 > tiff.length ? 0 : little ? tiff.readUInt32LE(at) : tiff.readUInt32BE(at));
  const directory = long(4);
  for (let entry = 0; entry < short(directory); entry += 1) {
    const at = directory + 2 + 12 * entry;
    if (short(at) === 0x112) return short(at + 8) >= 5 && short(at + 8) <= 8;
  }
  return false;
}

function png(bytes: Buffer): Size | undefined {
  if (!begins(bytes, '\x89PNG\r\n\x1a\n') || !begins(bytes, 'IHDR', 12) || bytes.length < 33) return undefined;
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

function gif(bytes: Buffer): Size | undefined {
  if (!(begins(bytes, 'GIF87a') || begins(bytes, 'GIF89a')) || bytes.length < 14) return undefined;
  return { width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) };
}

/** RFC 9649: lossy, lossless, and the extended form with both. */
function webp(bytes: Buffer): Size | undefined {
  if (!begins(bytes, 'RIFF') || !begins(bytes, 'WEBP', 8) || bytes.length < 30) return undefined;
  if (begins(bytes, 'VP8 ', 12)) {
    return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
  }
  if (begins(bytes, 'VP8L', 12)) {
    const bits = bytes.readUInt32LE(21);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  if (begins(bytes, 'VP8X', 12)) return { width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 };
  return undefined;
}

/** ISO/IEC 23008-12: the property `ispe` of the largest part is the whole picture's. Tiles and thumbnails are smaller. */
function avif(bytes: Buffer): Size | undefined {
  if (!begins(bytes, 'ftyp', 4) || !(begins(bytes, 'avif', 8) || begins(bytes, 'avis', 8))) return undefined;
  const head = bytes.subarray(0, 64 * 1024);
  let largest: Size | undefined;
  for (let at = head.indexOf('ispe'); at >= 0 && at + 16 <= head.length; at = head.indexOf('ispe', at + 4)) {
    const size = { width: head.readUInt32BE(at + 8), height: head.readUInt32BE(at + 12) };
    if (!largest || size.width * size.height > largest.width * largest.height) largest = size;
  }
  return largest;
}
