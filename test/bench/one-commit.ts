import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import express from 'express';
import { readConfig } from '../../src/config.ts';
import { type WebhookParts, webhookHandler } from '../../src/http/webhooks.ts';
import { createSources } from '../../src/sources/index.ts';
import type { RawRequest, Source } from '../../src/sources/source.ts';
import { answer } from './answer.ts';

/**
 * Slipstream's own endpoint and checks, and SQLite as durable, with the difference that each request pays for a commit of its
 * own. What is in it: the delivery alone (`deliveries`: nothing is ever made of it, so all the time is for acknowledging), or
 * the tasks that come of it as well (`tasks`: no later work, as many a receiver is built).
 */
const config = readConfig(process.env);
const sources = createSources(config, { subKeys: () => [] });
const db = open(join(config.dataDir, 'one-commit.db'));
const insert = db.prepare<[string, string, number, string, Buffer]>(
  'INSERT INTO deliveries (source, client, received_at, headers, body) VALUES (?, ?, ?, ?, ?)',
);
const enqueue = db.prepare<[string, string, string, string, string, number]>(`
  INSERT INTO tasks (source, account, type, item_id, action, learnt_at) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET action = excluded.action, learnt_at = excluded.learnt_at, notifications = notifications + 1`);

interface Delivery {
  source: Source;
  client: string;
  receivedAt: number;
  headers: string;
  body: Buffer;
  value: unknown;
}

function keepDelivery({ source, client, receivedAt, headers, body }: Delivery): void {
  insert.run(source.name, client, receivedAt, headers, body);
}

const keepWithTasks = db.transaction((delivery: Delivery) => {
  keepDelivery(delivery);
  const { source, value, receivedAt, client } = delivery;
  for (const { key, action } of source.read(value, receivedAt, client).notifications) {
    enqueue.run(key.source, key.account, key.type, key.id, action, receivedAt);
  }
}).immediate;

const keep = process.env.BENCH_COMMITS === 'tasks' ? keepWithTasks : keepDelivery;

async function receive(source: Source, { headers, body }: RawRequest) {
  const verification = source.verify({ headers, body });
  if (!verification.ok) return { status: 401, code: 'unauthorized', message: verification.message } as const;
  const parsed = source.parse(body);
  if (!parsed.ok) return { status: 400, code: parsed.problem.code, message: parsed.problem.sentence } as const;
  const kept = JSON.stringify(Object.fromEntries(source.keptHeaders.map((name) => [name, headers[name]])));
  const { client } = verification;
  keep({ source, client, receivedAt: Date.now(), headers: kept, body, value: parsed.value });
  return { status: 200 } as const;
}

const receiver: WebhookParts['receiver'] = {
  receive,
  isSettingUp: () => false,
  settingUpUntil: () => undefined,
  setUp: async () => {},
  isBusy: () => false,
};
const app = express();
app.disable('x-powered-by').set('etag', false);
app.all('/webhooks/:source', webhookHandler({ sources, receiver, count: () => {} }));
const server = createServer(app).listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  answer({ listening: () => ({ url: `http://127.0.0.1:${port}` }) }, () => db.close());
});

function open(file: string): Database.Database {
  const opened = new Database(file);
  opened.pragma('journal_mode = WAL');
  opened.pragma('synchronous = FULL');
  opened.pragma('fullfsync = 1');
  opened.pragma('checkpoint_fullfsync = 1');
  opened.exec(`
    CREATE TABLE deliveries (id INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT, client TEXT, received_at INTEGER, headers TEXT, body BLOB);
    CREATE INDEX deliveries_by_time ON deliveries (received_at);
    CREATE TABLE tasks (id INTEGER PRIMARY KEY, source TEXT, account TEXT, type TEXT, item_id TEXT, action TEXT, learnt_at INTEGER,
      notifications INTEGER NOT NULL DEFAULT 1, UNIQUE (source, account, type, item_id));`);
  return opened;
}
