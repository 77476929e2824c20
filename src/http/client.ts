import type { IncomingHttpHeaders } from 'node:http';
import { promisify } from 'node:util';
import { constants, gunzip } from 'node:zlib';
import { Agent, type Dispatcher, request } from 'undici';
import { Elsewhere, NotTheProvider, ProviderDown, RateLimited, TooLarge } from './errors.ts';

/** Milliseconds and bytes. */
export interface ClientLimits {
  connectMs: number;
  /** Until the answer's headers are there. */
  headersMs: number;
  /** From the request to the last byte of the answer. */
  totalMs: number;
  /** Of the decompressed body. */
  maxBytes: number;
}

export const LIMITS: ClientLimits = {
  connectMs: 10_000,
  headersMs: 30_000,
  totalMs: 60_000,
  maxBytes: 64 * 1024 * 1024,
};

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** Epoch milliseconds on the provider's clock, never later than the request really began; falls back to our clock. */
  beganAt: number;
  /** Provider's clock minus ours, milliseconds; 0 when the answer does not tell. */
  clockOffset: number;
}

/** Sends requests to one origin and nowhere else (promise 7). */
export interface HttpClient {
  /** @throws RateLimited ProviderDown NotTheProvider TooLarge. Any other status below 500 is an answer. */
  get(path: string, headers: Record<string, string>): Promise<Answer>;
  postJson(path: string, headers: Record<string, string>, body: unknown): Promise<Answer>;
  putJson(path: string, headers: Record<string, string>, body: unknown): Promise<Answer>;
  close(): Promise<void>;
}

export function createHttpClient(base: URL, limits: ClientLimits = LIMITS, now: () => number = Date.now): HttpClient {
  const agent = new Agent({
    connect: { timeout: limits.connectMs },
    headersTimeout: limits.headersMs,
    bodyTimeout: limits.headersMs,
    connections: 64,
    keepAliveTimeout: 10_000,
  });

  async function send(path: string, options: Omit<Dispatcher.RequestOptions, 'origin' | 'path'>): Promise<Answer> {
    const url = within(base, path);
    const startedAt = now();
    const signal = AbortSignal.timeout(limits.totalMs);
    try {
      const answer = await request(url, { ...options, dispatcher: agent, signal });
      const { statusCode: status, headers } = answer;
      const arrivedAt = now();
      const gzipped = headers['content-encoding'] === 'gzip';
      const providerTime = timeOf(headers['x-rwgps-datetime']) ?? timeOf(headers.date);
      // A redirect would carry the token to wherever it points; the documented API has none.
      if (status >= 300 && status < 400) {
        await answer.body.dump();
        const told = { status, body: Buffer.from(`location: ${headers.location ?? 'nowhere'}`) };
        throw new NotTheProvider(`It answered with a redirect (${status}).`, { answer: told });
      }
      if (status === 429 || (status === 503 && headers['retry-after'] !== undefined)) {
        await answer.body.dump();
        throw new RateLimited(waitOf(headers['retry-after'], providerTime ?? arrivedAt), headers);
      }
      if (status >= 500) {
        const told = { status, body: await beginningOf(answer.body, gzipped) };
        throw new ProviderDown(`It answered ${status}.`, { answer: told });
      }
      const body = await readCapped(answer.body, gzipped, limits.maxBytes, status);
      return {
        status,
        headers,
        body,
        beganAt: providerTime === undefined ? startedAt : providerTime - (arrivedAt - startedAt),
        clockOffset: providerTime === undefined ? 0 : providerTime - arrivedAt,
      };
    } catch (error) {
      throw asProviderError(error);
    }
  }

  const sendJson = (method: 'POST' | 'PUT', path: string, headers: Record<string, string>, body: unknown) =>
    send(path, {
      method,
      headers: { ...always, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });

  const always = { accept: 'application/json', 'accept-encoding': 'gzip', 'user-agent': 'Slipstream' };
  return {
    get: (path, headers) => send(path, { method: 'GET', headers: { ...always, ...headers } }),
    postJson: (path, headers, body) => sendJson('POST', path, headers, body),
    putJson: (path, headers, body) => sendJson('PUT', path, headers, body),
    close: () => agent.destroy(),
  };
}

/** A path under the configured origin. Whatever else it says, the request goes to that origin. */
function within(base: URL, path: string): URL {
  const url = new URL(path, base);
  if (url.origin !== base.origin || !path.startsWith('/') || path.startsWith('//')) {
    throw new NotTheProvider('An address outside the configured origin was refused.');
  }
  return url;
}

/** Collects a body, decompressed, and stops reading at the limit. A body that was cut off is an error of its stream. */
export async function readCapped(
  body: Dispatcher.ResponseData['body'],
  gzipped: boolean,
  maxBytes: number,
  status: number,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    chunks.push(chunk);
    if (bytes > maxBytes) {
      const beginning = gzipped ? NOT_UNPACKED : Buffer.concat(chunks.slice(0, 1));
      throw new TooLarge(maxBytes, { answer: { status, body: beginning } });
    }
  }
  const whole = Buffer.concat(chunks, bytes);
  if (!gzipped) return whole;
  try {
    return await gunzipped(whole, { maxOutputLength: maxBytes, chunkSize: chunkFor(whole) });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === 'ERR_BUFFER_TOO_LARGE' ? new TooLarge(maxBytes, { answer: { status, body: NOT_UNPACKED } }) : error;
  }
}

/** Of an answer that says only that something failed: enough for a person to see what. */
async function beginningOf(body: Dispatcher.ResponseData['body'], gzipped: boolean): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= BEGINNING_BYTES) break;
    }
    const told = Buffer.concat(chunks);
    return gzipped
      ? await gunzipped(told, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: CHUNK_BYTES })
      : told;
  } catch {
    // Cut off, or packed in some other way: that it failed is known without it.
    return Buffer.alloc(0);
  }
}

const BEGINNING_BYTES = 16 * 1024;
const NOT_UNPACKED = Buffer.from('(compressed, and not unpacked to the end)');

/**
 * In which pieces it is unpacked. A gzip ends with its length unpacked (RFC 1952, 2.3.1), so that a usual trip is one piece: each further
 * one is a round through the thread pool and a copy. Where that end lies, it is only as slow as it asked to be.
 */
const chunkFor = (gzip: Buffer): number =>
  Math.min(Math.max(gzip.length < 4 ? 0 : gzip.readUInt32LE(gzip.length - 4) + 1, SMALLEST_CHUNK_BYTES), CHUNK_BYTES);

const SMALLEST_CHUNK_BYTES = 16 * 1024;
const CHUNK_BYTES = 512 * 1024;

const gunzipped = promisify(gunzip);

/**
 * `Retry-After` in seconds or as a date; a minute where the provider does not say, or says something else. An hour at most, since
 * it may have meant less.
 *
 * @param now Epoch milliseconds on the provider's clock: a date is one of that clock.
 * @returns milliseconds.
 */
export function waitOf(header: string | string[] | undefined, now: number): number {
  const value = String(header ?? '').trim();
  const seconds = /^\d+$/.test(value) ? Number(value) : undefined;
  const date = HTTP_DATE.test(value) ? timeOf(value) : undefined;
  const wait = seconds !== undefined ? seconds * 1_000 : date !== undefined ? date - now : 60_000;
  return Math.min(Math.max(wait, 1_000), 3_600_000);
}

/** `Date.parse` alone finds a date in nearly any text, and in a negative number. */
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} [\d:]{8} GMT$/;

function timeOf(header: string | string[] | undefined): number | undefined {
  const time = Date.parse(String(header ?? ''));
  return Number.isNaN(time) ? undefined : time;
}

export function asProviderError(error: unknown): Error {
  if (error instanceof RateLimited || error instanceof ProviderDown || error instanceof Elsewhere) return error;
  if (error instanceof NotTheProvider || error instanceof TooLarge) return error;
  const { code, name, message } =
    error instanceof Error ? (error as NodeJS.ErrnoException) : { code: undefined, name: '', message: String(error) };
  return new ProviderDown(code ?? (name === 'TimeoutError' ? 'It did not answer in time.' : message), { cause: error });
}
