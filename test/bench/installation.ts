import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { createBrowser } from '../support/slipstream.ts';
import { CLIENT, type Listening, WEBHOOK_PATH } from './client.ts';
import { residentMb } from './measure.ts';
import type { Child, Processes } from './processes.ts';
import type { Library, Which } from './provider.ts';
import type { Counts } from './serve.ts';

export const RIDER = 1;

export interface Provider {
  child: Child;
  url: string;
  items: Which[];
  token: string;
}

export async function startProvider(processes: Processes, library: Library): Promise<Provider> {
  const child = await processes.start(new URL('./provider.ts', import.meta.url));
  const { url } = await child.ask<Listening>('start', library);
  return { child, url, items: await child.ask('items', RIDER), token: await child.ask('token', RIDER) };
}

/** Slipstream beside the stand-in provider, each in its own process. */
export interface Installation {
  webhookUrl: string;
  dataDir: string;
  /** Of the mirror, for reading: what is seen here is committed. */
  mirror: Database.Database;
  /** Presses Connect and Authorize: the backfill begins. */
  connect(rider?: number): Promise<void>;
  /** Resolves when so many items are in the mirror. */
  mirrored(items: number): Promise<void>;
  settled(): Promise<void>;
  /** How long its event loop stood still since this was asked before, milliseconds. */
  stalls(): Promise<{ p99: number; longest: number }>;
  /** What has passed through its inbox since the start. */
  counts(): Promise<Counts>;
  /** Megabytes. */
  resident(): number;
  /** Megabytes, the most there ever was. */
  peak(): number;
  close(): Promise<void>;
}

export async function install(
  processes: Processes,
  provider: Provider,
  environment: Record<string, string> = {},
): Promise<Installation> {
  const dataDir = processes.folder();
  const child = await processes.start(new URL('./serve.ts', import.meta.url), {
    PORT: '0',
    DATA_DIR: dataDir,
    RWGPS_BASE_URL: provider.url,
    RWGPS_API_KEY: CLIENT.apiKey,
    RWGPS_CLIENT_ID: CLIENT.clientId,
    RWGPS_CLIENT_SECRET: CLIENT.clientSecret,
    // Reconciliation soon after a webhook is on, as it is by default; only the clock does not start one in the middle of a run.
    RECONCILE_CRON: '0 0 1 1 *',
    AUDIT_CRON: 'off',
    LOG_LEVEL: 'error',
    ...environment,
  });
  const { url } = await child.ask<Listening>('listening');
  const webhookUrl = `${url}${WEBHOOK_PATH}`;
  await provider.child.ask('sendTo', webhookUrl);
  const mirror = new Database(join(dataDir, 'mirror.db'), { readonly: true });
  const countItems = mirror.prepare<[], number>('SELECT count(*) FROM rides').pluck();

  return {
    webhookUrl,
    dataDir,
    mirror,
    connect: async (rider = RIDER) => void (await createBrowser(url).connect(rider)),
    async mirrored(items) {
      while ((countItems.get() ?? 0) < items) await pause(25);
    },
    settled: () => child.ask('settled'),
    stalls: () => child.ask('stalls'),
    counts: () => child.ask('counts'),
    resident: () => residentMb(child.pid, 'now'),
    peak: () => residentMb(child.pid, 'peak'),
    async close() {
      mirror.close();
      await child.stop();
    },
  };
}
