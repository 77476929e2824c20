import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { isOneOf, isSignature, isSignedBy } from '../../src/sources/signature.ts';

const bytes = (hex: string, times = 1): Buffer => Buffer.from(hex.repeat(times), 'hex');
const sequence = Buffer.from(Array.from({ length: 25 }, (_, index) => index + 1));

/** RFC 4231, section 4, and the example of GitHub's page on validating webhooks. Case 5 is told to 128 bits only. */
const VECTORS = [
  [
    'case 1',
    bytes('0b', 20),
    Buffer.from('Hi There'),
    'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
  ],
  [
    'case 2',
    'Jefe',
    Buffer.from('what do ya want for nothing?'),
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  ],
  ['case 3', bytes('aa', 20), bytes('dd', 50), '773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe'],
  ['case 4', sequence, bytes('cd', 50), '82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b'],
  [
    'case 6',
    bytes('aa', 131),
    Buffer.from('Test Using Larger Than Block-Size Key - Hash Key First'),
    '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
  ],
  [
    'case 7',
    bytes('aa', 131),
    Buffer.from(
      'This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.',
    ),
    '9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2',
  ],
  [
    'hello',
    "It's a Secret to Everybody",
    Buffer.from('Hello, World!'),
    '757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
  ],
] as const;
const asBase64 = (hex: string): string => Buffer.from(hex, 'hex').toString('base64');

describe('a signature', () => {
  test.each(VECTORS)('of the public vector %s is taken in both encodings, and no other is', (_, key, body, hex) => {
    expect(isSignedBy([key], body, hex, 'hex')).toBe(true);
    expect(isSignedBy([key], body, asBase64(hex), 'base64')).toBe(true);
    expect(isSignedBy(['another', key], body, hex, 'hex')).toBe(true);
    expect(isSignedBy([key], Buffer.concat([body, Buffer.from('\n')]), hex, 'hex')).toBe(false);
    expect(isSignedBy([key], body.subarray(1), hex, 'hex')).toBe(false);
    expect(isSignedBy(['another'], body, hex, 'hex')).toBe(false);
    expect(isSignedBy([], body, hex, 'hex')).toBe(false);
    const last = hex.endsWith('0') ? '1' : '0';
    expect(isSignedBy([key], body, hex.slice(0, -1) + last, 'hex')).toBe(false);
  });

  test('that is cut off is none: case 5 of RFC 4231 is right as far as it goes, and refused', () => {
    const [key, body] = [bytes('0c', 20), Buffer.from('Test With Truncation')];
    const cut = 'a3b6167473100ee06e0c796c2955552b';
    const whole = createHmac('sha256', key).update(body).digest('hex');
    expect(whole.startsWith(cut)).toBe(true);
    expect(isSignedBy([key], body, whole, 'hex')).toBe(true);
    expect(isSignedBy([key], body, cut, 'hex')).toBe(false);
    expect(isSignedBy([key], body, asBase64(cut), 'base64')).toBe(false);
  });

  const hex = VECTORS[1][3];
  const base64 = asBase64(hex);
  const others = {
    hex: {
      'in capitals': hex.toUpperCase(),
      'partly in capitals': hex.replace('b', 'B'),
      'with white space before it': ` ${hex}`,
      'with white space behind it': `${hex} `,
      'with a line end behind it': `${hex}\n`,
      'with junk behind it': `${hex}zz`,
      'with a prefix': `0x${hex}`,
      'with its algorithm': `sha256=${hex}`,
      'in base64': base64,
      'given twice and joined': `${hex}, ${hex}`,
      'given twice': `${hex}${hex}`,
      'of no length': '',
    },
    base64: {
      'with other bits behind the digest': base64.replace(
        /.=$/,
        (end) => `${String.fromCharCode(end.charCodeAt(0) + 1)}=`,
      ),
      'without its padding': base64.replace('=', ''),
      'with more padding': `${base64}=`,
      'in the letters of URLs': base64.replaceAll('+', '-').replaceAll('/', '_').replace('=', ''),
      'with white space in it': `${base64.slice(0, 20)} ${base64.slice(20)}`,
      'with a line end in it': `${base64.slice(0, 20)}\n${base64.slice(20)}`,
      'with white space behind it': `${base64} `,
      'in hex': hex,
      'given twice and joined': `${base64}, ${base64}`,
      'of no length': '',
    },
  } as const;

  test.each(['hex', 'base64'] as const)(
    'in %s has one form, and what a lenient decoder would take is refused',
    (encoding) => {
      const { [encoding]: forms } = others;
      const true_ = encoding === 'hex' ? hex : base64;
      expect([isSignature(true_, encoding), isSignedBy(['Jefe'], VECTORS[1][2], true_, encoding)]).toEqual([
        true,
        true,
      ]);
      for (const [name, given] of Object.entries(forms)) {
        expect([name, isSignature(given, encoding)]).toEqual([name, false]);
        expect([name, isSignedBy(['Jefe'], VECTORS[1][2], given, encoding)]).toEqual([name, false]);
      }
      // The one that a decoder cannot tell from the true one.
      if (encoding === 'base64') {
        const twin = others.base64['with other bits behind the digest'];
        expect([twin === base64, Buffer.from(twin, 'base64').toString('hex')]).toEqual([false, hex]);
      }
    },
  );
});

describe('a secret in an address', () => {
  test('is one of ours or is refused, whatever its length', () => {
    expect(isOneOf(['one', 'two'], 'two')).toBe(true);
    for (const given of ['three', 'tw', 'twoo', 'TWO', ' two', '', undefined]) {
      expect([given, isOneOf(['one', 'two'], given)]).toEqual([given, false]);
    }
  });

  test('that is empty is no secret, on either side', () => {
    expect(isOneOf([''], '')).toBe(false);
    expect(isOneOf([], 'two')).toBe(false);
    expect(isOneOf(['', 'two'], 'two')).toBe(true);
  });
});
