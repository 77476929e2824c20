import type { RiderPlan } from './world/riders.ts';

/** An API client as it is registered with the provider. */
export interface SandboxClient {
  apiKey: string;
  clientId: string;
  /** Also the key that signs webhooks. */
  clientSecret: string;
  /** Absent: any. */
  redirectUris?: string[];
  webhookUrl?: string;
  /** Default `v1`. */
  dialect?: '2022' | 'v1';
  /** What the client syncs: filters webhooks, and what sync answers unless asked otherwise. Default both. */
  assets?: ('routes' | 'trips')[];
}

export interface SandboxOptions {
  /** 0 or absent: any. */
  port?: number;
  /** Default 127.0.0.1. */
  host?: string;
  /** The origin in links, where it is not the address it listens on. */
  publicUrl?: string;
  clients: SandboxClient[];
  /** Default: one rider with a believable library of two years. */
  riders?: RiderPlan[];
  /** A folder with GPX, TCX, FIT or KML files: the first rider's library instead of generated rides. */
  tracks?: string;
  seed?: number;
  /** Epoch milliseconds. */
  now?: () => number;
  log?: (line: string) => void;
}
