import { describe, expect, test } from 'vitest';
import { isPrivateAddress } from '../src/http/private-address.ts';
import { pictureIn } from '../src/picture.ts';
import { isPhotoHost, photosIn } from '../src/sources/ridewithgps/photos.ts';
import { pictureOf } from './support/picture.ts';

const latin = (text: string) => Buffer.from(text, 'latin1');
const be16 = (...values: number[]) => Buffer.concat(values.map((value) => Buffer.from([value >> 8, value & 255])));
const le16 = (...values: number[]) => be16(...values).swap16();
const be32 = (...values: number[]) => be16(...values.flatMap((value) => [value >>> 16, value & 0xffff]));

/** A frame header behind whatever comes before it, and room for what would follow. */
function jpeg(width: number, height: number, before: Buffer = Buffer.alloc(0)): Buffer {
  const frame = Buffer.concat([latin('\xff\xc0'), be16(17), Buffer.from([8]), be16(height, width), Buffer.alloc(10)]);
  return Buffer.concat([latin('\xff\xd8'), before, frame, latin('\xff\xd9'), Buffer.alloc(8)]);
}

function exif(orientation: number): Buffer {
  const entry = Buffer.concat([be16(0x112, 3), be32(1), be16(orientation, 0)]);
  const tiff = Buffer.concat([latin('MM'), be16(42), be32(8), be16(1), entry, be32(0)]);
  const data = Buffer.concat([latin('Exif\0\0'), tiff]);
  return Buffer.concat([latin('\xff\xe1'), be16(data.length + 2), data]);
}

const webp = (kind: string, rest: Buffer) =>
  Buffer.concat([latin('RIFF'), be32(0), latin(`WEBP${kind}`), be32(0), rest, Buffer.alloc(16)]);
const ispe = (width: number, height: number) => Buffer.concat([be32(20), latin('ispe'), be32(0, width, height)]);

describe('a picture', () => {
  test.each([
    ['JPEG', jpeg(640, 480), { media: 'image/jpeg', width: 640, height: 480 }],
    ['JPEG that was taken sideways', jpeg(640, 480, exif(6)), { media: 'image/jpeg', width: 480, height: 640 }],
    ['JPEG that was taken upside down', jpeg(640, 480, exif(3)), { media: 'image/jpeg', width: 640, height: 480 }],
    ['PNG', pictureOf(1, { width: 31, height: 7 }), { media: 'image/png', width: 31, height: 7 }],
    ['GIF', Buffer.concat([latin('GIF89a'), le16(9, 8), Buffer.alloc(8)]), { media: 'image/gif', width: 9, height: 8 }],
    [
      'lossy WebP',
      webp('VP8 ', Buffer.concat([Buffer.alloc(6), le16(550, 368)])),
      { media: 'image/webp', width: 550, height: 368 },
    ],
    [
      'lossless WebP',
      webp('VP8L', Buffer.from([0x2f, 0x8f, 0x01, 0x4b, 0x00])),
      { media: 'image/webp', width: 400, height: 301 },
    ],
    [
      'extended WebP',
      webp('VP8X', Buffer.from([0, 0, 0, 0, 99, 0, 0, 49, 0, 0])),
      { media: 'image/webp', width: 100, height: 50 },
    ],
    [
      'AVIF',
      Buffer.concat([be32(28), latin('ftypavif'), be32(0), latin('mif1miaf'), ispe(160, 120), ispe(1_600, 1_200)]),
      { media: 'image/avif', width: 1_600, height: 1_200 },
    ],
  ])('in the form of %s is known, with its size', (_, bytes, picture) => {
    expect(pictureIn(bytes)).toEqual(picture);
  });

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['SVG', latin('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')],
    ['a page', latin('<!doctype html><script>alert(1)</script>')],
    ['a PDF', latin('%PDF-1.7\n')],
    ['a JPEG without a frame', Buffer.concat([latin('\xff\xd8\xff\xda'), be16(8), Buffer.alloc(40)])],
    ['a JPEG whose segments lead nowhere', Buffer.concat([latin('\xff\xd8\xff\xe0'), be16(0), Buffer.alloc(40)])],
    ['a picture without a dot', pictureOf(1, { width: 0, height: 4 })],
    ['a picture wider than any photo', pictureOf(1, { width: 70_000, height: 1 })],
    ['a film', Buffer.concat([be32(24), latin('ftypisom'), ispe(9, 9)])],
  ])('is not %s', (_, bytes) => {
    expect(pictureIn(bytes)).toBeUndefined();
  });

  test('that ends anywhere, or has any bytes changed, ends nothing', () => {
    for (const whole of [jpeg(640, 480, exif(6)), pictureOf(1), webp('VP8L', Buffer.alloc(9))]) {
      for (let end = 0; end < whole.length; end += 1) {
        pictureIn(whole.subarray(0, end));
        const changed = Buffer.from(whole);
        changed[end] = 255 - (changed[end] ?? 0);
        pictureIn(changed);
      }
    }
  });
});

describe('the hosts of photos', () => {
  test.each(['https://ridewithgps.com/photos/1/large.jpg', 'https://assets0.ridewithgps.com/photos/1/full.jpg'])(
    '%s is the provider’s',
    (url) => expect(isPhotoHost(new URL(url))).toBe(true),
  );

  test.each([
    'http://ridewithgps.com/photos/1/large.jpg',
    'https://ridewithgps.com:8443/photos/1/large.jpg',
    'https://me@ridewithgps.com/photos/1/large.jpg',
    'https://evilridewithgps.com/photos/1/large.jpg',
    'https://ridewithgps.com.evil.example/photos/1/large.jpg',
    'https://ridewithgps.com./photos/1/large.jpg',
    'https://d1.cloudfront.net/photos/1/large.jpg',
    'ftp://ridewithgps.com/photos/1/large.jpg',
  ])('%s is not', (url) => expect(isPhotoHost(new URL(url))).toBe(false));

  test.each([
    ...['127.0.0.1', '10.1.2.3', '172.31.255.255', '192.168.1.1', '169.254.169.254', '100.64.0.1', '0.0.0.0'],
    ...['224.0.0.1', '::1', '::', 'fe80::1', 'fd00::1', '::ffff:10.0.0.1', '::ffff:127.0.0.1', '64:ff9b::7f00:1'],
  ])('are never at %s', (address) => expect(isPrivateAddress(address)).toBe(true));

  test.each(['8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '::ffff:8.8.8.8'])('may be at %s', (address) =>
    expect(isPrivateAddress(address)).toBe(false),
  );
});

test('what is no photo in a body is none, and nobody has more than a few hundred', () => {
  const url = 'https://ridewithgps.com/photos/1/large.jpg';
  expect(photosIn([null, 7, {}, { id: 1 }, { url }, { id: 'x', url }, { id: 1, url: 3 }])).toEqual([]);
  expect(photosIn([{ id: 1, url: 'x'.repeat(5_000) }])).toEqual([]);
  expect(photosIn('photos')).toEqual([]);
  const twice = [
    { id: 1, url: 'a' },
    { id: '1', url },
  ];
  expect(photosIn(twice)).toEqual([{ id: '1', url }]);
  expect(photosIn(Array.from({ length: 9_000 }, (_, n) => ({ id: n + 1, url })))).toHaveLength(500);
});
