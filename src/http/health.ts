import type { RequestHandler } from 'express';
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { everyAccount, type StatusParts } from '../status.ts';
import type { AccountReader } from '../storage/accounts.ts';
import type { Photos } from '../storage/photos.ts';
import type { Records } from '../storage/records.ts';
import { problem } from './problem.ts';

export interface HealthParts {
  status: StatusParts;
  accounts: AccountReader;
  records: Pick<Records, 'count'>;
  photos: Photos;
  /** Undefined while all is well, otherwise a sentence. */
  trouble: () => Promise<string | undefined>;
}

const LOOK_MS = 500;

/** `/healthz`: the process answers. `/readyz`: it can take and store. `/metrics`: Prometheus. */
export function createHealth({ status, accounts, records, photos, trouble }: HealthParts) {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const webhooks = new Counter({
    name: 'slipstream_webhook_requests_total',
    help: 'Webhook requests by source and answer',
    labelNames: ['source', 'status'],
    registers: [registry],
  });
  const fetches = new Counter({
    name: 'slipstream_fetches_total',
    help: 'Fetches by source and how they ended',
    labelNames: ['source', 'outcome'],
    registers: [registry],
  });
  const queue = new Gauge({
    name: 'slipstream_tasks',
    help: 'Tasks by state',
    labelNames: ['state'],
    registers: [registry],
  });
  const lag = new Gauge({
    name: 'slipstream_lag_p99_seconds',
    help: 'Webhook received to mirrored, over a day',
    labelNames: ['source', 'account'],
    registers: [registry],
  });
  const driftToday = new Gauge({
    name: 'slipstream_drift_day',
    help: 'Changes within a day that no webhook announced',
    labelNames: ['source', 'account'],
    registers: [registry],
  });

  const quiet = new Gauge({
    name: 'slipstream_webhooks_quiet',
    help: '1: changes happen and the provider announces none of them any more',
    labelNames: ['source', 'account'],
    registers: [registry],
  });

  const ofSources = {
    accounts: new Gauge({
      name: 'slipstream_accounts',
      help: 'Accounts by source and state',
      labelNames: ['source', 'state'],
      registers: [registry],
    }),
    tasks: new Gauge({
      name: 'slipstream_source_tasks',
      help: 'Tasks by source and state',
      labelNames: ['source', 'state'],
      registers: [registry],
    }),
    records: new Gauge({
      name: 'slipstream_records',
      help: 'Records by source, type and state',
      labelNames: ['source', 'type', 'state'],
      registers: [registry],
    }),
  };

  async function measureSources(): Promise<void> {
    for (const gauge of Object.values(ofSources)) gauge.reset();
    const all = await accounts.list();
    for (const source of new Set(all.map((account) => account.source))) {
      const own = all.filter((account) => account.source === source);
      for (const { state, user_id: account } of own) {
        ofSources.accounts.inc({ source, state });
        const { backfill: _, ...counts } = await status.inbox.counts({ source, account });
        for (const [task, count] of Object.entries(counts)) ofSources.tasks.inc({ source, state: task }, count);
      }
      const counts = await records.count(own.map(({ id }) => id));
      for (const { type, state, count } of counts) ofSources.records.set({ source, type, state }, count);
    }
  }

  /** Before all of them are read: they are read at the same time, and what one of them collected meanwhile is too late for the others. */
  async function measure(): Promise<void> {
    const report = await everyAccount(status, accounts);
    for (const [state, count] of Object.entries(report.queue)) queue.set({ state }, count);
    // Who is gone, or has nothing to tell, is not told of.
    for (const gauge of [lag, driftToday, quiet]) gauge.reset();
    for (const { lag_ms, drift, webhooks: health, source, user_id } of report.accounts) {
      const labels = { source, account: user_id };
      if (lag_ms.p99 !== null) lag.set(labels, lag_ms.p99 / 1_000);
      driftToday.set(labels, drift.day);
      if (health) quiet.set(labels, health.quiet ? 1 : 0);
    }
  }

  registry.registerMetric(
    new Gauge({
      name: 'slipstream_dead_letters_dropped',
      help: 'Unreadable deliveries and notifications whose dead letter made room for later ones',
      registers: [],
      async collect() {
        this.set(await status.inbox.droppedLetters());
      },
    }),
  );

  registry.registerMetric(
    new Gauge({
      name: 'slipstream_photos',
      help: 'Photos that routes and trips name, by what became of copying them',
      labelNames: ['state'],
      registers: [],
      async collect() {
        for (const [state, n] of Object.entries(await photos.count())) this.set({ state }, n);
      },
    }),
  );

  let look: { at: number; what: Promise<string | undefined> } | undefined;
  const healthz: RequestHandler = (_request, response) => void response.json({ status: 'ok' });
  const readyz: RequestHandler = async (_request, response) => {
    // Each look is a commit: whoever asks more often is told the same.
    if (!look || performance.now() - look.at > LOOK_MS) look = { at: performance.now(), what: trouble() };
    const what = await look.what;
    if (what === undefined) response.json({ status: 'ready' });
    else problem(response, 503, 'not_ready', what);
  };
  const metrics: RequestHandler = async (_request, response) => {
    await measure();
    await measureSources();
    response.type(registry.contentType).send(await registry.metrics());
  };
  return {
    healthz,
    readyz,
    metrics,
    countWebhook: (source: string, code: number) => webhooks.inc({ source, status: code }),
    countFetch: (source: string, outcome: string) => fetches.inc({ source, outcome }),
  };
}

export type Health = ReturnType<typeof createHealth>;
