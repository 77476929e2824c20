import { setTimeout as pause } from 'node:timers/promises';
import { Agent, request } from 'undici';

/** As its documentation says: under 30 s and below 400, else again, five times, from 10 s to 30 min apart, growing exponentially. */
const PATIENCE_MS = 30_000;
const RETRIES = 5;
const FIRST_PAUSE_MS = 10_000;
const LAST_PAUSE_MS = 1_800_000;
const GROWTH = (LAST_PAUSE_MS / FIRST_PAUSE_MS) ** (1 / (RETRIES - 1));

/** One attempt. */
export interface EcoveloSent {
  url: string;
  body: string;
  /** Null where there was no answer. */
  status: number | null;
}

/** @param retryScale How much of a real pause is waited: 1 in the wild. */
export function createSender(retryScale: number) {
  const agent = new Agent({ keepAliveTimeout: 4_000 });
  const closing = new AbortController();
  const sent: EcoveloSent[] = [];

  /** @returns whether it got through. */
  async function send(url: string, body: string): Promise<boolean> {
    for (let retries = 0; ; retries += 1) {
      const status = await post(url, body);
      sent.push({ url, body, status });
      if (status !== null && status < 400) return true;
      if (retries === RETRIES || closing.signal.aborted) return false;
      const wait = FIRST_PAUSE_MS * GROWTH ** retries * retryScale;
      await pause(wait, undefined, { signal: closing.signal, ref: false }).catch(() => {});
    }
  }

  async function post(url: string, body: string): Promise<number | null> {
    try {
      const signal = AbortSignal.any([AbortSignal.timeout(PATIENCE_MS), closing.signal]);
      const headers = { 'content-type': 'application/json', 'user-agent': 'Ecovelo' };
      const answer = await request(url, { method: 'POST', dispatcher: agent, body, signal, headers });
      await answer.body.dump();
      return answer.statusCode;
    } catch {
      // No answer is a result like every other one.
      return null;
    }
  }

  return {
    send,
    /** Every attempt, oldest first. */
    sent: sent as readonly EcoveloSent[],
    close(): Promise<void> {
      closing.abort();
      return agent.destroy();
    },
  };
}
