import type { SandboxClient } from '../../src/sandbox/index.ts';

/** The API client of all programs here: it opens nothing but stand-ins. */
export const CLIENT = {
  apiKey: 'bench-key',
  clientId: 'bench-id',
  clientSecret: 'the-client-secret-of-the-benchmark',
} as const satisfies SandboxClient;

export const WEBHOOK_PATH = '/webhooks/ridewithgps';

/** Where a program that was started listens. */
export interface Listening {
  url: string;
}
