import { createHmac } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { openConnection } from '../bench/connection.ts';
import { bodyOf, notification } from '../support/webhook.ts';

/** What a thread that floods is told. */
export interface FloodOrder {
  url: string;
  perSecond: number;
  connections: number;
}

/** A webhook as bytes. Whoever has not the right secret signs with another one. */
export function requestOf({ pathname, host }: URL, body: string, secret: string): Buffer {
  const head = [
    `POST ${pathname} HTTP/1.1`,
    `host: ${host}`,
    'content-type: application/json',
    'x-rwgps-api-key: test-key',
    `x-rwgps-signature: ${createHmac('sha256', secret).update(body).digest('hex')}`,
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
}

if (!isMainThread && parentPort) {
  const sent = await flood(workerData as FloodOrder);
  parentPort.postMessage(sent);
}

/** Until it is told to stop. @returns how many requests were answered. */
async function flood({ url: address, perSecond, connections }: FloodOrder): Promise<number> {
  const url = new URL(address);
  // As large as a full batch, and with an API key that is known: the dearest thing that can be sent without the secret.
  const request = requestOf(url, bodyOf(...Array.from({ length: 100 }, () => notification())), 'guessed');
  let stopped = false;
  let sent = 0;
  parentPort?.once('message', () => {
    stopped = true;
  });
  const open = await Promise.all(Array.from({ length: connections }, () => openConnection(url)));
  parentPort?.postMessage('begun');
  await Promise.all(
    open.map(async (connection, index) => {
      // One after the other, not all at the same moment.
      const began = performance.now() + (index * 1_000) / perSecond;
      for (let mine = 0; !stopped; mine += 1) {
        const early = began + (mine * connections * 1_000) / perSecond - performance.now();
        if (early > 0) await pause(early);
        await connection.send(request);
        sent += 1;
      }
      connection.close();
    }),
  );
  return sent;
}
