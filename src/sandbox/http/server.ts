import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { iso, type Rider } from '../model.ts';
import { type Answer, failed, page, raw } from './answer.ts';
import { authenticate } from './authenticate.ts';
import { type Call, type Endpoint, fieldsOf } from './call.ts';
import { collectionEndpoints } from './collections.ts';
import { controlEndpoints } from './control.ts';
import { sendWithoutEnd } from './endless.ts';
import { gzipped } from './gzip.ts';
import { itemEndpoints, itemOf } from './items.ts';
import { listEndpoints } from './lists.ts';
import { authorizeEndpoints, tokenEndpoints } from './oauth.ts';
import type { Sandbox } from './parts.ts';
import { photoEndpoints } from './photos.ts';
import { syncEndpoints } from './sync.ts';
import { userEndpoints } from './users.ts';

/** What the provider offers to programs: measured, and touched by faults. */
const API = [tokenEndpoints, userEndpoints, listEndpoints, itemEndpoints, collectionEndpoints, syncEndpoints];
/** What people look at: always works. */
const PAGES = [authorizeEndpoints, photoEndpoints, controlEndpoints];

export function createServer(parts: Sandbox): Express {
  const app = express();
  app.disable('x-powered-by').disable('etag');
  app.use(express.json({ limit: '64mb' }), express.urlencoded({ extended: false }));
  for (const endpoint of PAGES.flatMap((make) => make(parts))) {
    app[endpoint.method](endpoint.path, async (request, response) => {
      const answer = await answerTo(endpoint, callOf(request), parts).answer();
      deliver(response, answer, request.headers['accept-encoding'], parts);
    });
  }
  for (const endpoint of API.flatMap((make) => make(parts))) {
    app[endpoint.method](endpoint.path, (request, response) => serve(endpoint, request, response, parts));
  }
  app.use((request, response) => serve(NOWHERE, request, response, parts));
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    const status = error instanceof Error && 'status' in error && typeof error.status === 'number' ? error.status : 500;
    const answer = failed(status, error instanceof Error ? error.message : 'Internal error');
    deliver(response, answer, request.headers['accept-encoding'], parts);
  });
  return app;
}

/** Takes what no other path took. */
const NOWHERE: Endpoint = { method: 'get', path: /./, open: true, answer: () => failed(404, 'Not found') };

function callOf(request: Request): Call {
  const [path = '/', ...query] = request.originalUrl.split('?');
  const matched = Object.values(request.params).filter((part) => typeof part === 'string');
  return {
    method: request.method,
    path,
    query: new URLSearchParams(query.join('?')),
    headers: request.headers,
    body: fieldsOf(request.body),
    matched,
  };
}

function answerTo(
  endpoint: Endpoint,
  call: Call,
  parts: Sandbox,
): { rider: Rider | undefined; answer: () => Answer | Promise<Answer> } {
  const caller = authenticate(call, parts);
  if (endpoint.open) return { rider: caller?.rider, answer: () => endpoint.answer(call) };
  if (!caller) return { rider: undefined, answer: () => failed(401, 'Unauthorized') };
  return { rider: caller.rider, answer: () => endpoint.answer({ ...call, ...caller }) };
}

/** One API request: logged, spoilt where a fault says so, answered with the state there was when it came. */
async function serve(endpoint: Endpoint, request: Request, response: Response, parts: Sandbox): Promise<void> {
  const { faults, requests } = parts;
  const call = callOf(request);
  const { rider, answer: ordinary } = answerTo(endpoint, call, parts);
  const item = itemOf(call.path);
  const end = requests.begin(
    {
      method: call.method,
      path: call.path,
      query: call.query.toString(),
      status: null,
      rider: rider?.id ?? null,
      at: parts.clock(),
    },
    item,
  );
  response.once('close', () => end(response.writableFinished ? response.statusCode : 0));
  const touched = faults.touches(rider?.id);
  if (touched && faults.current.down) {
    response.destroy();
    return;
  }
  if (touched && faults.take('resets')) {
    request.socket.resetAndDestroy();
    return;
  }
  const place = item ?? call.path;
  const answer = (touched ? spoilt(place, parts) : undefined) ?? (await ordinary());
  if (touched) await delay(place, response, parts);
  if (response.destroyed) return;
  if (touched && faults.current.endlessItems.includes(place)) {
    sendWithoutEnd(response);
    return;
  }
  const cut = touched && faults.take('cutAnswers');
  const lie = touched ? faults.takeLyingLength() : 0;
  deliver(response, answer, request.headers['accept-encoding'], parts, { cut, lie });
}

/** The answer a fault gives instead, if any does. `place`: an item (`trip/7`), or another path. */
function spoilt(place: string, { faults }: Sandbox): Answer | undefined {
  const { proxyStatus, nextRetryAfter, statusItems, bodies, bombItems } = faults.current;
  if (proxyStatus !== null) return page(PROXY_PAGE, proxyStatus);
  const over = faults.overLimit();
  if (over) return { ...failed(429, 'Rate limit exceeded'), ...retryAfter(over.retryAfter) };
  const next = faults.takeStatus();
  if (next !== undefined)
    return {
      ...failed(next, `Status ${next}, as asked for`),
      ...retryAfter(WAITING.has(next) ? nextRetryAfter : null),
    };
  if (faults.take('htmlInsteadOfJson')) return page(PROXY_PAGE);
  const to = faults.takeRedirect();
  if (to !== undefined) return { status: 302, headers: { location: to } };
  const status = statusItems[place];
  if (status !== undefined) return failed(status, `Status ${status}, as asked for`);
  const bomb = bombItems[place];
  if (bomb !== undefined) return { status: 200, segments: Array(Math.ceil(bomb / BLOCK.bytes.length)).fill(BLOCK) };
  const body = bodies[place];
  return body === undefined ? undefined : raw(body, 'application/json; charset=utf-8');
}

/** Shared, so that it is compressed once however often it comes. */
const BLOCK = { bytes: Buffer.alloc(1024 * 1024, ' ') };

/** Statuses that may say how long to wait. */
const WAITING = new Set([429, 503]);

const PROXY_PAGE =
  '<!doctype html><title>One moment</title><h1>We will be back soon</h1><p>This is a web page, not the API.</p>';

function retryAfter(value: number | string | null): { headers?: Record<string, string> } {
  return value === null ? {} : { headers: { 'retry-after': String(value) } };
}

/** Waits without keeping the process alive; a client that hangs up ends the wait. */
async function delay(place: string, response: Response, { faults }: Sandbox): Promise<void> {
  const { latencyMs, itemLatencyMs, hangItems } = faults.current;
  const closed = new Promise<void>((resolve) => response.once('close', resolve));
  await Promise.race([faults.waitFor(place), closed]);
  if (hangItems.includes(place)) await Promise.race([faults.untilCleared(), closed]);
  const wait = latencyMs + (itemLatencyMs[place] ?? 0);
  if (wait > 0) await Promise.race([pause(wait, undefined, { ref: false }), closed]);
}

function deliver(
  response: Response,
  answer: Answer,
  accepts: string | string[] | undefined,
  { clock, faults }: Sandbox,
  { cut, lie }: { cut: boolean; lie: number } = { cut: false, lie: 0 },
): void {
  const segments =
    answer.error === undefined
      ? (answer.segments ?? [])
      : [{ bytes: errorBody(answer.error, faults.current.errorsArray) }];
  response.statusCode = answer.status;
  response.setHeader('x-rwgps-datetime', iso(clock()));
  response.setHeader('x-request-id', randomUUID());
  response.setHeader('vary', 'accept-encoding');
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
  if (segments.length === 0) {
    response.end();
    return;
  }
  const zip = /\bgzip\b/.test(String(accepts ?? ''));
  if (zip) response.setHeader('content-encoding', 'gzip');
  const bytes = zip ? gzipped(segments) : Buffer.concat(segments.map((segment) => segment.bytes));
  response.setHeader('content-type', answer.type ?? 'application/json; charset=utf-8');
  response.setHeader('content-length', bytes.length + lie);
  const shown = cut ? bytes.subarray(0, Math.floor(bytes.length / 2)) : bytes;
  if (cut || lie > 0) response.write(shown, () => response.destroy());
  else response.end(shown);
}

const errorBody = (error: string, many: boolean): Buffer =>
  Buffer.from(JSON.stringify(many ? { errors: [error] } : { error }));
