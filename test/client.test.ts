import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHttpClient } from '../src/http/client.ts';

const NOON = Date.parse('2026-06-01T12:00:00Z');
const TOOK_MS = 7_000;

/** Here it is noon when the request begins; the provider’s clock is an hour ahead. */
const ahead = new Date(NOON + TOOK_MS + 3_600_000).toISOString();
let stamped = true;
const server = createServer((_request, answer) => {
  if (stamped) answer.setHeader('x-rwgps-datetime', ahead);
  else answer.sendDate = false;
  answer.end('{}');
});
beforeAll(() => new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready)));
afterAll(() => server.close());

async function ask() {
  const times = [NOON, NOON + TOOK_MS];
  const { port } = server.address() as AddressInfo;
  const client = createHttpClient(new URL(`http://127.0.0.1:${port}`), undefined, () => times.shift() ?? Number.NaN);
  try {
    return await client.get('/', {});
  } finally {
    await client.close();
  }
}

test('a request began, on the provider’s clock, as long before its answer as the answer took', async () => {
  stamped = true;
  expect(await ask()).toMatchObject({ beganAt: NOON + 3_600_000, clockOffset: 3_600_000 });
});

test('where the answer does not tell the time, ours is taken', async () => {
  stamped = false;
  expect(await ask()).toMatchObject({ beganAt: NOON, clockOffset: 0 });
});
