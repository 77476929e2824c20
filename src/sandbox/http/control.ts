import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { ItemType } from '../model.ts';
import { controlPage } from '../pages/control.ts';
import { itemPage } from '../pages/item.ts';
import { type Answer, failed, goTo, json, notFound, page } from './answer.ts';
import { type Call, type Endpoints, textOf } from './call.ts';
import type { Sandbox } from './parts.ts';
import { PASSWORD } from './users.ts';
import { VERBS } from './verbs.ts';

/** How long a form waits for the webhook it caused, so that the page that follows can show its answer. */
const SHOWN_WITHIN_MS = 1_200;

/** The control page, its forms, and the same as JSON. */
export const controlEndpoints: Endpoints = (parts) => [
  { method: 'get', path: /^\/$/, open: true, answer: () => goTo('/sandbox') },
  { method: 'get', path: /^\/sandbox$/, open: true, answer: (call) => control(call, parts) },
  { method: 'get', path: /^\/sandbox\/api\/state$/, open: true, answer: () => json(stateOf(parts)) },
  { method: 'post', path: /^\/sandbox\/api\/([\w-]+)$/, open: true, answer: (call) => act(call, parts) },
  { method: 'get', path: /^\/(routes|trips)\/(\d+)$/, open: true, answer: (call) => show(call, parts) },
];

async function control(call: Call, parts: Sandbox): Promise<Answer> {
  const riders = parts.world.riders();
  const rider = riders.find(({ id }) => String(id) === call.query.get('rider')) ?? riders[0];
  if (!rider) return notFound('Rider');
  const wanted = call.query.get('type') === 'route' ? 'route' : 'trip';
  const all = parts.world.items(rider.id, wanted);
  const shown = Math.min(Math.max(Number(call.query.get('shown')) || 8, 8), all.length);
  await parts.tracks.measureAll(all.slice(0, shown));
  return page(
    controlPage({ parts, rider, type: wanted, items: all.slice(0, shown), total: all.length, notice: noticeOf(call) }),
  );
}

function noticeOf(call: Call): { text: string; bad: boolean } | undefined {
  const problem = call.query.get('problem');
  if (problem) return { text: problem, bad: true };
  const done = VERBS[call.query.get('done') ?? '']?.done;
  return done === undefined ? undefined : { text: done, bad: false };
}

async function show(call: Call, parts: Sandbox): Promise<Answer> {
  const type: ItemType = call.matched[0] === 'routes' ? 'route' : 'trip';
  const item = parts.world.find(type, Number(call.matched[1]));
  return item ? page(itemPage(item, parts)) : notFound(type === 'route' ? 'Route' : 'Trip');
}

async function act(call: Call, parts: Sandbox): Promise<Answer> {
  // Another site's page must not press these buttons in somebody's browser.
  if (call.headers['sec-fetch-site'] === 'cross-site') return failed(403, 'Not from another site');
  const name = call.matched[0] ?? '';
  const verb = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined;
  if (!verb) return failed(404, `There is no ${name}; there are: ${Object.keys(VERBS).join(', ')}`);
  const form = (call.headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded');
  try {
    const result = await verb.run(form ? filledIn(call.body) : call.body, parts);
    if (!form) return json({ ok: true, ...result });
    await Promise.race([parts.webhooks.drain(), pause(SHOWN_WITHIN_MS, undefined, { ref: false })]);
    return goTo(backTo(call, { done: name }));
  } catch (error) {
    const problem =
      error instanceof z.ZodError ? z.prettifyError(error) : error instanceof Error ? error.message : String(error);
    return form ? goTo(backTo(call, { problem })) : failed(422, problem);
  }
}

/** A field left empty was not filled in, but for a description, which may be emptied. */
function filledIn(body: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(body).filter(([name, value]) => value !== '' || name === 'description' || name === 'url'),
  );
}

/** The page of the rider the form was on. */
function backTo({ body }: Call, outcome: Record<string, string>): string {
  const query = new URLSearchParams(outcome);
  const [rider, list] = [textOf(body, 'page_rider'), textOf(body, 'page_type')];
  if (rider) query.set('rider', rider);
  if (list) query.set('type', list);
  return `/sandbox?${query}`;
}

function stateOf({ world, webhooks, faults, clients, skipped, requests }: Sandbox): object {
  return {
    riders: world.riders().map((rider) => ({
      id: rider.id,
      name: rider.name,
      email: rider.email,
      password: PASSWORD,
      routes: world.items(rider.id, 'route').length,
      trips: world.items(rider.id, 'trip').length,
      pins: world.pinned(rider.id).map(({ type, id }) => ({ type, id })),
    })),
    clients: clients.map(({ apiKey, clientId, dialect = 'v1' }) => ({
      apiKey,
      clientId,
      dialect,
      webhookUrl: webhooks.url(apiKey) ?? null,
    })),
    tokens: world.tokens(),
    faults: faults.current,
    webhooks: { paused: webhooks.paused, sent: webhooks.sent.slice(-50) },
    requests: requests.list.slice(-50),
    skipped,
  };
}
