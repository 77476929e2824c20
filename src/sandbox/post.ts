import { createHmac } from 'node:crypto';
import { Agent, request } from 'undici';
import type { SandboxClient } from './options.ts';

/** How long the sender waits for an answer, as the provider documents it. */
const PATIENCE_MS = 1_000;

/** One webhook request before it is sent. */
export interface Parcel {
  client: SandboxClient;
  url: string;
  body: string;
  notifications: number;
  /** Win over the documented ones. */
  headers?: Record<string, string>;
}

export interface Outcome {
  /** Null where there was no answer. */
  status: number | null;
  /** Why there was no answer: `lost`, `timeout`, or the connection's error. */
  error: string | null;
  ms: number;
}

/** Posts signed requests, each once: one second for the answer, no redirect followed. A failure is an outcome, not an error. */
export function createPost({ now, atOnce }: { now: () => number; atOnce: number }) {
  const agent = new Agent({ keepAliveTimeout: 4_000, connections: atOnce });

  async function send({ client, url, body, headers }: Parcel): Promise<Outcome> {
    const began = now();
    const given = {
      'content-type': 'application/json',
      'user-agent': 'RideWithGPS',
      'x-rwgps-api-key': client.apiKey,
      'x-rwgps-signature': sign(client.clientSecret, body),
      ...headers,
    };
    try {
      const signal = AbortSignal.timeout(PATIENCE_MS);
      const answer = await request(url, { method: 'POST', dispatcher: agent, body, signal, headers: given });
      await answer.body.dump();
      return { status: answer.statusCode, error: null, ms: now() - began };
    } catch (error) {
      return { status: null, error: reason(error), ms: now() - began };
    }
  }

  return { send, close: () => agent.destroy() };
}

/** Lower-case hex HMAC-SHA256 of the raw body. */
function sign(secret: string, body: string): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return 'timeout';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
