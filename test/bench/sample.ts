import { createHmac, timingSafeEqual } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { answer } from './answer.ts';
import { CLIENT, WEBHOOK_PATH } from './client.ts';

/**
 * What a provider's documentation shows: Express, the raw body, its HMAC, 200, and then the work, in memory. It stores nothing:
 * what it has answered for is gone with the process.
 */
const changed = new Map<string, string>();
const app = express();

app.post(WEBHOOK_PATH, express.raw({ type: 'application/json', limit: '1mb' }), (request, response) => {
  const body: Buffer = request.body;
  const signature = Buffer.from(request.get('x-rwgps-signature') ?? '');
  const expected = Buffer.from(createHmac('sha256', CLIENT.clientSecret).update(body).digest('hex'));
  if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) {
    response.status(401).end();
    return;
  }
  const { notifications } = JSON.parse(body.toString('utf8'));
  response.status(200).end();
  setImmediate(() => {
    for (const { user_id, item_type, item_id, action } of notifications) {
      changed.set(`${user_id}/${item_type}/${item_id}`, action);
    }
  });
});

const server = app.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  answer({ listening: () => ({ url: `http://127.0.0.1:${port}` }) });
});
