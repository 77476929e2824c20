import { createHmac } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { Random } from '../../src/sandbox/random.ts';
import { SECRET } from '../support/slipstream.ts';
import { oddBody } from './odd-json.ts';

/** As it goes to a client library: HTTP that is well formed, whatever it says. */
export interface HostileRequest {
  method: string;
  path: string;
  headers: Record<string, string | string[]>;
  body: Buffer;
}

const PATH = '/webhooks/ridewithgps';
const KEY = 'x-rwgps-api-key';
const SIGNATURE = 'x-rwgps-signature';

type Mutation = (request: HostileRequest, random: Random) => void;

/** A correctly signed request with odd JSON in it, and then, most of the time, something done to it. */
export function hostileRequest(random: Random): HostileRequest {
  const body = Buffer.from(oddBody(random));
  const request: HostileRequest = {
    method: 'POST',
    path: PATH,
    headers: { 'content-type': 'application/json', [KEY]: 'test-key', [SIGNATURE]: hmac(body, SECRET) },
    body,
  };
  const times = random.chance(0.25) ? 0 : random.integer(1, 4);
  for (let time = 0; time < times; time += 1) random.pick(MUTATIONS)(request, random);
  return request;
}

/** Whether it may be acknowledged: said here once more in the words of the contract, and not by asking the code. */
export function isSigned({ method, headers, body }: HostileRequest): boolean {
  return method === 'POST' && headers[KEY] === 'test-key' && headers[SIGNATURE] === hmac(body, SECRET);
}

const hmac = (body: Buffer, secret: string): string => createHmac('sha256', secret).update(body).digest('hex');

const inBody =
  (change: (body: Buffer, at: number, random: Random) => Buffer[]): Mutation =>
  (request, random) => {
    const at = random.integer(0, Math.max(0, request.body.length - 1));
    request.body = Buffer.concat(change(request.body, at, random));
  };

const inSignature =
  (change: (signature: string, random: Random) => string | string[]): Mutation =>
  (request, random) => {
    request.headers[SIGNATURE] = change(String(request.headers[SIGNATURE] ?? ''), random);
  };

const header =
  (name: string, ...values: [string, ...string[]]): Mutation =>
  ({ headers }, random) => {
    headers[name] = random.pick(values);
  };

const without =
  (name: string): Mutation =>
  ({ headers }) => {
    delete headers[name];
  };

const MUTATIONS: readonly [Mutation, ...Mutation[]] = [
  inBody((body, at, random) => [body.subarray(0, at), Buffer.from([random.integer(0, 255)]), body.subarray(at + 1)]),
  inBody((body, at, random) => [body.subarray(0, at), Buffer.from([random.integer(0, 255)]), body.subarray(at)]),
  inBody((body, at) => [body.subarray(0, at)]),
  inBody((body, at) => [body.subarray(at)]),
  inBody((body) => [body, body]),
  inBody((body) => [body, Buffer.from('\n')]),
  inBody((body) => [Buffer.from([0xef, 0xbb, 0xbf]), body]),
  inBody((body, at) => [body.subarray(0, at), Buffer.from([0xff, 0xfe, 0xc0]), body.subarray(at)]),
  inBody((body) => [Buffer.from(body.toString('utf8'), 'utf16le')]),
  inBody((body) => [gzipSync(body)]),
  inBody(() => []),
  inBody((_body, _at, random) => [Buffer.from(random.word(random.integer(0, 300)))]),
  inBody((body, _at, random) => [body, Buffer.alloc(random.chance(0.05) ? 1_100_000 : 5_000, ' ')]),
  inSignature((signature) => signature.toUpperCase()),
  inSignature((signature) => signature.slice(0, -1)),
  inSignature((signature) => `${signature}${signature}`),
  inSignature((signature) => [signature, signature]),
  inSignature((signature) => `sha256=${signature}`),
  inSignature((signature) => `${signature}zz`),
  inSignature((signature) => `"${signature}"`),
  inSignature((signature, random) => signature.replace(/./g, (digit) => (random.chance(0.02) ? '0' : digit))),
  inSignature((_, random) => random.word(64)),
  (request) => {
    request.headers[SIGNATURE] = hmac(request.body, '');
  },
  (request) => {
    request.headers[SIGNATURE] = hmac(request.body, 'the-secret-of-somebody-else');
  },
  // What somebody who knows the secret could still do.
  (request) => {
    request.headers[SIGNATURE] = hmac(request.body, SECRET);
  },
  without(SIGNATURE),
  without(KEY),
  without('content-type'),
  header(KEY, '', 'test-key ,test-key', 'Test-Key', 'test-id', '__proto__', 'constructor', '*'),
  header(
    'content-type',
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json+x',
  ),
  header('content-type', 'application/json; charset=utf-16', 'APPLICATION/JSON', 'application/json;', '*/*'),
  header('content-encoding', 'gzip', 'identity', 'br', 'deflate, gzip', ''),
  header('x-forwarded-for', '127.0.0.1', '10.0.0.1, 127.0.0.1'),
  header('x-http-method-override', 'DELETE', 'GET'),
  header('cookie', 'session=1; session=2', `a=${'b'.repeat(3_000)}`),
  header('authorization', 'Bearer x', 'Basic Og==', 'Bearer null'),
  (request, random) => {
    request.method = random.pick(['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD']);
  },
  (request, random) => {
    request.path = random.pick(PATHS);
  },
];

const PATHS = [
  '/webhooks/ridewithgps/',
  '/WEBHOOKS/ridewithgps',
  '/webhooks/RideWithGPS',
  '/webhooks/ridewithgps?x-rwgps-api-key=test-key',
  '/webhooks/ridewithgps%00',
  '/webhooks/%zz',
  '/webhooks/%C0%AE',
  '/webhooks/__proto__',
  '/webhooks/..%2f..%2fetc',
  '/webhooks/',
  '/webhooks',
  '//webhooks/ridewithgps',
  '/webhooks/ridewithgps/more',
  '/api/v1/sync/reconcile',
  '/api/v1/dead-letters/1/replay',
  '/control/login-links',
  '/disconnect',
  '/nowhere',
] as const;
