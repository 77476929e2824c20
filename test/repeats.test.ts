import { expect, test } from 'vitest';
import { createRepeats } from '../src/repeats.ts';
import type { Source } from '../src/sources/source.ts';

const source = { name: 'tradegecko', repeats: ({ headers }) => String(headers['x-name']) } as Partial<Source> as Source;
const request = (name: string, body = '{}') => ({ headers: { 'x-name': name }, body: Buffer.from(body) });

test('a request that was kept is known again by its client, its name and all its bytes', () => {
  const repeats = createRepeats();
  repeats.of(source, 'shop', request('1'))?.keep();
  expect(repeats.of(source, 'shop', request('1'))?.wasKept()).toBe(true);
  expect(repeats.of(source, 'other-shop', request('1'))?.wasKept()).toBe(false);
  expect(repeats.of(source, 'shop', request('2'))?.wasKept()).toBe(false);
  expect(repeats.of(source, 'shop', request('1', '{ }'))?.wasKept()).toBe(false);
});

test('the latest thousand are remembered, and no more', () => {
  const repeats = createRepeats();
  for (let name = 0; name <= 1_000; name += 1) repeats.of(source, 'shop', request(String(name)))?.keep();
  expect(repeats.of(source, 'shop', request('0'))?.wasKept()).toBe(false);
  expect(repeats.of(source, 'shop', request('1'))?.wasKept()).toBe(true);
  expect(repeats.of(source, 'shop', request('1000'))?.wasKept()).toBe(true);
});
