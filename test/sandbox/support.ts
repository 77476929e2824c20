import { existsSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { type Sandbox, type SandboxClient, type SandboxOptions, startSandbox } from '../../src/sandbox/index.ts';

export const CLIENT: SandboxClient = { apiKey: 'key-1', clientId: 'client-1', clientSecret: 'secret-1' };

/** Small libraries: few points, so that nothing waits for generated rides. */
const SMALL = { routes: 3, trips: 5, points: 60 };

/** A sandbox with one rider (id 1), closed when the test ends. */
export async function sandboxFor(options: Partial<SandboxOptions> = {}): Promise<Sandbox> {
  const riders = [{ id: 1, name: 'Robin Field', ...SMALL }];
  const sandbox = await startSandbox({ clients: [CLIENT], riders, ...options });
  onTestFinished(() => sandbox.close());
  return sandbox;
}

export const TWO_RIDERS = [
  { id: 1, name: 'Robin Field', ...SMALL },
  { id: 2, name: 'Jo Ängström', ...SMALL },
];

export interface Reply {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}

/** Asks the API as a rider and reads JSON. */
export async function ask(sandbox: Sandbox, path: string, token?: string, init: RequestInit = {}): Promise<Reply> {
  const headers = new Headers(init.headers);
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
  const response = await fetch(sandbox.url + path, { redirect: 'manual', ...init, headers });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? {} : objectOf(JSON.parse(text)) };
}

export const postJson = (
  sandbox: Sandbox,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Reply> =>
  ask(sandbox, path, undefined, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  });

export const postForm = (
  sandbox: Sandbox,
  path: string,
  body: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Response> =>
  fetch(sandbox.url + path, { method: 'POST', body: new URLSearchParams(body), headers, redirect: 'manual' });

/** @throws where a value is no object: a test that goes on would fail somewhere less clear. */
export function objectOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new Error(`Expected an object, got ${JSON.stringify(value)}.`);
  return Object.fromEntries(Object.entries(value));
}

export function listOf(value: unknown): Record<string, unknown>[] {
  if (!Array.isArray(value)) throw new Error(`Expected a list, got ${JSON.stringify(value)}.`);
  return value.map(objectOf);
}

/** The first of a list that must not be empty. */
export function firstOf<Value>(list: readonly Value[]): Value {
  const [first] = list;
  if (first === undefined) throw new Error('Expected at least one.');
  return first;
}

interface Received {
  body: string;
  headers: IncomingHttpHeaders;
  at: number;
}

/** A webhook receiver that answers as it is told; closed when the test ends. */
export async function receiver(
  answer: (count: number) => { status?: number; afterMs?: number; location?: string } = () => ({}),
) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => {
      body += part;
    });
    request.on('end', () => {
      received.push({ body, headers: request.headers, at: performance.now() });
      const { status = 200, afterMs = 0, location } = answer(received.length);
      setTimeout(() => response.writeHead(status, location === undefined ? {} : { location }).end(), afterMs);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    received,
    notifications: () => received.flatMap(({ body }) => listOf(objectOf(JSON.parse(body)).notifications)),
  };
}

const real = fileURLToPath(new URL('../../../shared/realdata', import.meta.url));
/** Real recordings and the provider's own specification, on machines that have them. */
export const realData = existsSync(real) ? real : undefined;
