import { createHmac, timingSafeEqual } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { makeWorkerUtils } from 'graphile-worker';
import { answer } from './answer.ts';
import { CLIENT, WEBHOOK_PATH } from './client.ts';

/** The driver's own default. */
const CONNECTIONS = 10;

/**
 * The sample with a job queue, as many a receiver is built: one job of graphile-worker for each notification, all those of a request added in
 * one statement that is one transaction, and then the answer. Nobody does the jobs: all the time is for acknowledging.
 */
const utils = await makeWorkerUtils({
  connectionString: process.env.DATABASE_URL ?? '',
  maxPoolSize: CONNECTIONS,
});
await utils.migrate();
const app = express();

app.post(WEBHOOK_PATH, express.raw({ type: 'application/json', limit: '1mb' }), async (request, response) => {
  const body: Buffer = request.body;
  const signature = Buffer.from(request.get('x-rwgps-signature') ?? '');
  const expected = Buffer.from(createHmac('sha256', CLIENT.clientSecret).update(body).digest('hex'));
  if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) {
    response.status(401).end();
    return;
  }
  const { notifications }: { notifications: unknown[] } = JSON.parse(body.toString('utf8'));
  await utils.addJobs(notifications.map((payload) => ({ identifier: 'fetch', payload })));
  response.status(200).end();
});

const server = app.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  answer(
    {
      listening: () => ({ url: `http://127.0.0.1:${port}` }),
      count: () => utils.withPgClient(async (client) => Number((await client.query(COUNT)).rows[0]?.n)),
      /** Each round begins with an empty table. */
      clear: () => utils.withPgClient((client) => client.query('TRUNCATE graphile_worker._private_jobs')),
    },
    () => utils.release(),
  );
});

const COUNT = 'SELECT count(*) AS n FROM graphile_worker._private_jobs';
