import { Agent, get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { listenOnPort } from '../src/http/listen.ts';

test('who asks over a connection that is kept open is told, when it closes, that the next request has to go elsewhere', async () => {
  const arrived = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<void>();
  const listening = await listenOnPort(
    async ({ url }, response) => {
      if (url === '/slow') {
        arrived.resolve();
        await answered.promise;
      }
      response.end('done');
    },
    0,
    '127.0.0.1',
  );
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = (path: string) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      get(`${listening.url}${path}`, { agent }, resolve).once('error', reject);
    });
  const first = await ask('/');
  expect([await text(first), first.headers.connection]).toEqual(['done', 'keep-alive']);
  const asked = ask('/slow');
  await arrived.promise;
  const closed = listening.close();
  answered.resolve();
  const last = await asked;
  expect([await text(last), last.headers.connection]).toEqual(['done', 'close']);
  await closed;
  agent.destroy();
});
