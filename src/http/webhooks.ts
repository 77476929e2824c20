import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Request, RequestHandler } from 'express';
import type { Receiver, Reply } from '../receive.ts';
import type { Source } from '../sources/source.ts';
import type { SourceName } from '../vocabulary.ts';

const MOST_BYTES = 1024 * 1024;

export interface WebhookParts {
  sources: ReadonlyMap<SourceName, Source>;
  receiver: Receiver;
  /** Counts answers by status. */
  count: (source: string, status: number) => void;
}

/** `POST /webhooks/{source}`: the checks in their order, each with its own answer. Never 3xx, never 410. */
export function webhookHandler({ sources, receiver, count }: WebhookParts): RequestHandler<{ source: string }> {
  return async (request, response) => {
    const source = sources.get(request.params.source as SourceName);
    const answer = source ? await answerOf(source, receiver, request) : unknownSource;
    if (answer === 'gone') return;
    count(source?.name ?? 'unknown', answer.status);
    if (!request.complete) response.set('connection', 'close');
    send(response, answer);
  };
}

type Answer = Reply | { status: 404 | 405 | 413 | 415; code: string; message: string };

async function answerOf(
  source: Source,
  receiver: Receiver,
  request: Request<{ source: string }>,
): Promise<Answer | 'gone'> {
  if (request.method !== 'POST')
    return { status: 405, code: 'method_not_allowed', message: 'Webhooks are sent with POST.' };
  // The body is counted in any case, because 413 comes first, and kept only for who may be the provider.
  const refusal = refusalOf(source, request);
  const chunks: Buffer[] = [];
  const end = await readCapped(request, (chunk) => {
    if (!refusal) chunks.push(chunk);
  });
  if (end === 'gone') return 'gone';
  if (end === 'too-large') return { status: 413, code: 'too_large', message: 'A webhook may have at most 1 MiB.' };
  if (refusal) return refusal;
  const body = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
  return receiver.receive(source, { headers: request.headers, body });
}

/** What the headers alone decide. */
function refusalOf(source: Source, request: IncomingMessage): Answer | undefined {
  if (!isJson(request))
    return { status: 415, code: 'unsupported_media_type', message: 'Send application/json, not compressed.' };
  const message = source.refuses(request.headers);
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

function isJson({ headers }: IncomingMessage): boolean {
  const encoding = headers['content-encoding'] ?? 'identity';
  return encoding === 'identity' && /^application\/json\s*(;|$)/i.test(headers['content-type'] ?? '');
}

function send(response: ServerResponse, answer: Answer): void {
  if (answer.status === 200) {
    response.writeHead(200, OK_HEADERS).end('{}');
    return;
  }
  const { status, code, message } = answer;
  const extra =
    'retryAfterSeconds' in answer
      ? { 'retry-after': String(answer.retryAfterSeconds) }
      : status === 405
        ? { allow: 'POST' }
        : {};
  const text = JSON.stringify({ error: { code, message } });
  response
    .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text), ...extra })
    .end(text);
}

const OK_HEADERS = { 'content-type': 'application/json', 'content-length': '2' };

const unknownSource: Answer = {
  status: 404,
  code: 'unknown_source',
  message: 'There is no such source, or it is not configured.',
};
