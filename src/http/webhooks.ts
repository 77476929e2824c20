import type { IncomingMessage } from 'node:http';
import type { Request, RequestHandler } from 'express';
import type { Receiver, Reply } from '../receive.ts';
import type { RequestHead, Source } from '../sources/source.ts';
import type { SourceName } from '../vocabulary.ts';

const MOST_BYTES = 1024 * 1024;
const MOST_READ_AWAY = 64 * MOST_BYTES;

export interface WebhookParts {
  sources: ReadonlyMap<SourceName, Source>;
  receiver: Receiver;
  /** Counts answers by status. */
  count: (source: string, status: number) => void;
}

/** `POST /webhooks/{source}`: the checks in their order, each with its own answer. Never 3xx, never 410. */
export function webhookHandler({ sources, receiver, count }: WebhookParts): RequestHandler<Address> {
  return async (request, response) => {
    const { source: name, account } = request.params;
    const source = sources.get(name as SourceName);
    const known = source && source.addressedByAccount === (account !== undefined) && ACCOUNT.test(account ?? 'none');
    const answer = known ? await answerOf(source, receiver, request) : unknownSource;
    if (answer === 'gone') return;
    count(source?.name ?? 'unknown', answer.status);
    const { status, headers, text } = toldOf(answer);
    if (request.complete) return void response.writeHead(status, headers).end(text);
    response.writeHead(status, { ...headers, connection: 'close' }).write(text);
    await readAway(request);
    response.end();
  };
}

/** What is below `/webhooks` and is the address of no source. */
export const noWebhook: RequestHandler = (_request, response) => {
  const { status, headers, text } = toldOf(unknownSource);
  response.writeHead(status, headers).end(text);
};

/** `/webhooks/{source}` or `/webhooks/{source}/{account}`. */
interface Address {
  source: string;
  account?: string;
  [name: string]: string | undefined;
}

const ACCOUNT = /^[\w.-]{1,128}$/;

type Answer = Reply | { status: 404 | 405 | 413 | 415; code: string; message: string };

async function answerOf(source: Source, receiver: Receiver, request: Request<Address>): Promise<Answer | 'gone'> {
  if (request.method !== 'POST')
    return { status: 405, code: 'method_not_allowed', message: 'Webhooks are sent with POST.' };
  // The body is counted in any case, because 413 comes first, and kept only for who may be the provider.
  const head = headOf(request);
  const refusal = refusalOf(source, head, receiver.isSettingUp(source.name));
  const chunks: Buffer[] = [];
  const end = await readCapped(request, (chunk) => {
    if (!refusal) chunks.push(chunk);
  });
  if (end === 'gone') return 'gone';
  if (end === 'too-large') return { status: 413, code: 'too_large', message: 'A webhook may have at most 1 MiB.' };
  if (refusal) return refusal;
  const body = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
  return receiver.receive(source, { ...head, body });
}

function headOf({ headers, params: { account }, url }: Request<Address>): RequestHead {
  const secret = secretIn(url);
  return { headers, ...(account !== undefined && { account }), ...(secret !== undefined && { secret }) };
}

/** Given twice is given wrong: which of them counts would be a matter of taste. */
function secretIn(url: string): string | undefined {
  const query = url.indexOf('?');
  // Most have none, and whoever acknowledges them does nothing that is not needed.
  if (query === -1) return undefined;
  const given = new URLSearchParams(url.slice(query)).getAll('secret');
  return given.length === 1 ? given[0] : undefined;
}

/**
 * Whoever is still sending has not looked for the answer yet, and would never see it if the connection broke meanwhile. So what comes is
 * thrown away, up to what nobody sends by mistake; `listen.ts` ends what takes too long.
 */
function readAway(request: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MOST_READ_AWAY) resolve();
    });
    for (const over of ['end', 'error', 'close']) request.on(over, () => resolve());
    request.resume();
  });
}

/** What is decided before the body is there. */
function refusalOf(source: Source, head: RequestHead, isSettingUp: boolean): Answer | undefined {
  if (!isJson(head))
    return { status: 415, code: 'unsupported_media_type', message: 'Send application/json, not compressed.' };
  const message = isSettingUp ? undefined : source.refuses(head);
  return message === undefined ? undefined : { status: 401, code: 'unauthorized', message };
}

/** Hands out the raw bytes; `too-large` as soon as there are too many, without reading on. A sender that went away is no error. */
function readCapped(
  request: IncomingMessage,
  onChunk: (chunk: Buffer) => void,
): Promise<'whole' | 'too-large' | 'gone'> {
  if (Number(request.headers['content-length']) > MOST_BYTES) return Promise.resolve('too-large');
  return new Promise((resolve) => {
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MOST_BYTES) {
        request.removeAllListeners('data').pause();
        resolve('too-large');
      } else {
        onChunk(chunk);
      }
    });
    request.on('end', () => resolve('whole'));
    request.on('error', () => resolve('gone'));
    request.on('close', () => resolve('gone'));
  });
}

function isJson({ headers }: RequestHead): boolean {
  const encoding = headers['content-encoding'] ?? 'identity';
  return /^identity$/i.test(encoding) && /^application\/json\s*(;|$)/i.test(headers['content-type'] ?? '');
}

/** An answer as it goes out. */
interface Told {
  status: number;
  headers: Record<string, string | number>;
  text: string;
}

function toldOf(answer: Answer): Told {
  if (answer.status === 200) return answer.answer ? json(200, answer.answer) : OK;
  const { status, code, message } = answer;
  const extra =
    'retryAfterSeconds' in answer
      ? { 'retry-after': String(answer.retryAfterSeconds) }
      : status === 405
        ? { allow: 'POST' }
        : {};
  return json(status, { error: { code, message } }, extra);
}

function json(status: number, value: object, more: Record<string, string> = {}): Told {
  const text = JSON.stringify(value);
  return {
    status,
    headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text), ...more },
    text,
  };
}

const OK: Told = { status: 200, headers: { 'content-type': 'application/json', 'content-length': '2' }, text: '{}' };

const unknownSource: Answer = {
  status: 404,
  code: 'unknown_source',
  message: 'There is no such source, or it is not configured.',
};
