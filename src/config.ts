import { isIP } from 'node:net';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { Cron } from 'croner';
import { z } from 'zod';

/** One API client at Ride With GPS: what identifies it, and every secret that may sign its webhooks. */
export interface ClientConfig {
  apiKey: string;
  /** Absent: this client only receives webhooks or uses an auth token. */
  oauth?: { clientId: string; clientSecret: string };
  webhookSecrets: string[];
}

export interface TradeGeckoConfig {
  /** An origin. */
  baseUrl: string;
  clientId: string;
  /** Signs webhooks too. */
  clientSecret: string;
}

export interface RyeConfig {
  /** An origin. */
  baseUrl: string;
  /** A whole address. */
  graphqlUrl: string;
  /** Without it nothing can be asked: what is stated in events is all there is. */
  apiKey: string | undefined;
  /** Signs the first dialect. */
  hmacSecret: string | undefined;
  /** Signs the second. */
  webhookSecret: string | undefined;
}

export interface EcoveloConfig {
  /** An origin. */
  baseUrl: string;
  apiKey: string;
  /** Which header the API key goes into: the provider does not say. */
  apiKeyHeader: string;
  /** In the webhook's address. */
  webhookSecret: string;
}

/** Everything that the environment decides. This file is the only reader of it. */
export interface Config {
  port: number;
  /** Somebody chose it; else it is the usual one. */
  portIsSet: boolean;
  host: string;
  /** Without a slash at the end. */
  publicUrl: string;
  dataDir: string;
  /** Of PostgreSQL, with the password in it: never to be shown. Undefined: the data is in SQLite files in `dataDir`. */
  databaseUrl: string | undefined;
  /** Undefined: the one in `DATA_DIR/secret.key`. */
  secretKeys: string[] | undefined;
  ridewithgps: {
    /** An origin. Strings, so that the configuration can be handed to a worker thread. */
    baseUrl: string;
    clients: ClientConfig[];
    /** One rider or an organisation without OAuth; polled. */
    authToken: { apiKey: string; token: string } | undefined;
  };
  /** Each of the other sources: undefined when its variables are not set, and then it is off. */
  tradegecko: TradeGeckoConfig | undefined;
  rye: RyeConfig | undefined;
  ecovelo: EcoveloConfig | undefined;
  /** Undefined: switched off. */
  reconcileCron: string | undefined;
  auditCron: string | undefined;
  workerThreads: number;
  /** Tasks of a thread wait for the network most of the time, so it has several in hand. No setting: more of them gain it nothing. */
  fetchesPerThread: number;
  fetchConcurrency: number;
  signup: 'first' | 'open' | string[];
  trustProxy: boolean | number | string;
  logLevel: string;
  /** The browsers of riders fetch it, and what it names. */
  mapStyleUrl: string | undefined;
  /** Path of a PMTiles archive. */
  mapTiles: string | undefined;
  sandboxPort: number;
}

export type Environment = Record<string, string | undefined>;

const text = z.string().trim().min(1);
const list = text
  .transform((value) => value.split(',').map((part) => part.trim()))
  .refine((parts) => parts.every(Boolean), { error: 'must be a list with commas between, and nothing empty in it' });
const origin = z
  .url({ protocol: /^https?$/, error: 'must be an address such as https://example.org' })
  .transform((value) => new URL(value))
  // Secrets go to this origin and no other: what is dropped from the address silently could make it another than was meant.
  .refine(({ username, password }) => !username && !password, { error: 'must not have a user or a password in it' })
  .refine(({ hostname }) => !hostname.endsWith('.'), { error: 'must not have a dot at the end of its host' })
  .refine(({ pathname, search, hash }) => /^\/+$/.test(pathname) && !search && !hash, {
    error: 'must end after the host and its port, as in https://example.org: no path, no query',
  })
  .transform((url) => url.origin);
const styleAddress = z
  .url({ protocol: /^https?$/, error: 'must be an address such as https://example.org/style.json' })
  .transform((value) => new URL(value))
  .refine(({ username, password }) => !username && !password, { error: 'must not have a user or a password in it' })
  // Whoever is on the way could put anything on the map, and would see where the rider looks.
  .refine((url) => url.protocol === 'https:' || isLoopback(url), { error: 'must begin with https://' })
  .transform((url) => url.href);
const address = z
  .url({ protocol: /^https?$/, error: 'must be an address such as https://example.org/graphql' })
  .transform((value) => new URL(value))
  .refine(({ username, password }) => !username && !password, { error: 'must not have a user or a password in it' })
  .transform((url) => url.href);
// As it was given: only the driver knows all that such an address may say.
const databaseAddress = z.string().trim().refine(isDatabaseAddress, {
  abort: true,
  error:
    'must be an address such as postgres://user:password@localhost:5432/slipstream, with other signs in it written as %23',
});
const headerName = text.regex(/^[A-Za-z0-9-]+$/, { error: 'must be the name of a header' });
const port = text
  .regex(/^\d{1,5}$/, { error: 'must be a port number' })
  .transform(Number)
  .refine((number) => number <= 65_535, { error: 'must be a port number, 65535 at most' });
const cron = text.refine(isCron, { error: 'must be five cron fields in UTC, such as */15 * * * *, or off' });
const off = z.string().trim().toLowerCase().pipe(z.literal('off'));
const clientList = text
  .transform((value, context) => {
    try {
      return JSON.parse(value) as unknown;
    } catch {
      context.addIssue({ code: 'custom', message: 'must be a JSON array' });
      return z.NEVER;
    }
  })
  .pipe(
    z.array(
      z.object({
        api_key: text,
        client_id: text.nullish().transform((id) => id ?? undefined),
        client_secret: text.nullish().transform((secret) => secret ?? undefined),
        webhook_secrets: z
          .union([z.array(text), list], { error: 'must be an array of texts, with nothing empty in it' })
          .nullish()
          .transform((secrets) => secrets ?? []),
      }),
    ),
  );

const USUAL_PORT = 3000;
const FETCHES_PER_THREAD = 8;

const schema = z.object({
  PORT: port.default(USUAL_PORT),
  HOST: text.default('127.0.0.1'),
  PUBLIC_URL: origin.optional(),
  DATA_DIR: text.default('./data'),
  DATABASE_URL: databaseAddress.optional(),
  SECRET_KEY: list
    .refine((keys) => keys.every((key) => key.length >= 16), { error: 'needs at least 16 characters a key' })
    .optional(),
  RWGPS_BASE_URL: origin.default('https://ridewithgps.com'),
  RWGPS_API_KEY: text.optional(),
  RWGPS_CLIENT_ID: text.optional(),
  RWGPS_CLIENT_SECRET: text.optional(),
  RWGPS_WEBHOOK_SECRETS: list.default([]),
  RWGPS_AUTH_TOKEN: text.optional(),
  RWGPS_CLIENTS: clientList.default([]),
  TRADEGECKO_BASE_URL: origin.default('https://api.tradegecko.com'),
  TRADEGECKO_CLIENT_ID: text.optional(),
  TRADEGECKO_CLIENT_SECRET: text.optional(),
  RYE_BASE_URL: origin.default('https://api.rye.com'),
  RYE_GRAPHQL_URL: address.default('https://graphql.api.rye.com/v1/query'),
  RYE_API_KEY: text.optional(),
  RYE_HMAC_SECRET: text.optional(),
  RYE_WEBHOOK_SECRET: text.optional(),
  ECOVELO_BASE_URL: origin.default('https://api.maas.ecovelo.mobi'),
  ECOVELO_API_KEY: text.optional(),
  ECOVELO_API_KEY_HEADER: headerName.default('Authorization'),
  ECOVELO_WEBHOOK_SECRET: text.optional(),
  RECONCILE_CRON: z.union([off, cron]).default('*/15 * * * *'),
  AUDIT_CRON: z.union([off, cron]).default('0 3 * * *'),
  WORKER_THREADS: z.coerce
    .number()
    .int()
    .min(1)
    .max(64)
    .default(Math.max(1, availableParallelism() - 1)),
  FETCH_CONCURRENCY: z.coerce.number().int().min(1).max(64).default(4),
  SIGNUP: z
    .union([
      z
        .string()
        .trim()
        .toLowerCase()
        .pipe(z.literal(['first', 'open'])),
      list,
    ])
    .default('first'),
  TRUST_PROXY: z
    .union(
      [
        z.literal(['true', 'false']).transform((value) => value === 'true'),
        z
          .string()
          .regex(/^\d{1,3}$/)
          .transform(Number),
        text.refine((value) => value.split(',').every((part) => isProxy(part.trim()))),
      ],
      {
        error: 'must be true, false, how many proxies there are, or their addresses with commas between',
      },
    )
    .default(false),
  LOG_LEVEL: z
    .string()
    .trim()
    .toLowerCase()
    .pipe(z.literal(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']))
    .default('info'),
  MAP_STYLE_URL: styleAddress.optional(),
  MAP_TILES: text.optional(),
  SANDBOX_PORT: port.default(3001),
});

/**
 * Reads the environment. An empty variable counts as unset, as in a copied `.env.example`.
 *
 * @throws WrongConfig which names each wrong variable and says what it should be.
 */
export function readConfig(environment: Environment): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value?.trim()));
  const parsed = schema.safeParse(given);
  if (!parsed.success)
    throw new WrongConfig(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`));
  const env = parsed.data;
  assertSharedCron(env);
  return {
    port: env.PORT,
    portIsSet: given.PORT !== undefined,
    host: env.HOST,
    publicUrl: env.PUBLIC_URL ?? here(env.PORT),
    dataDir: resolve(env.DATA_DIR),
    databaseUrl: env.DATABASE_URL,
    secretKeys: env.SECRET_KEY,
    ridewithgps: {
      baseUrl: env.RWGPS_BASE_URL,
      clients: clientsOf(env),
      authToken:
        env.RWGPS_API_KEY && env.RWGPS_AUTH_TOKEN
          ? { apiKey: env.RWGPS_API_KEY, token: env.RWGPS_AUTH_TOKEN }
          : undefined,
    },
    tradegecko: tradeGeckoOf(env),
    rye: ryeOf(env),
    ecovelo: ecoveloOf(env),
    reconcileCron: env.RECONCILE_CRON === 'off' ? undefined : env.RECONCILE_CRON,
    auditCron: env.AUDIT_CRON === 'off' ? undefined : env.AUDIT_CRON,
    workerThreads: env.WORKER_THREADS,
    fetchesPerThread: FETCHES_PER_THREAD,
    fetchConcurrency: env.FETCH_CONCURRENCY,
    signup: env.SIGNUP,
    trustProxy: env.TRUST_PROXY,
    logLevel: env.LOG_LEVEL,
    mapStyleUrl: env.MAP_STYLE_URL,
    mapTiles: env.MAP_TILES === undefined ? undefined : resolve(env.MAP_TILES),
    sandboxPort: env.SANDBOX_PORT,
  };
}

/** As a browser on this machine calls it. Which port 0 will be is known when it is too late. */
const here = (port: number): string => new URL(`http://localhost:${port || USUAL_PORT}`).origin;

function clientsOf(env: z.output<typeof schema>): ClientConfig[] {
  const named = env.RWGPS_CLIENTS.map((client) =>
    clientOf(client.api_key, client.client_id, client.client_secret, client.webhook_secrets),
  );
  if (!env.RWGPS_API_KEY) return named;
  return [
    clientOf(env.RWGPS_API_KEY, env.RWGPS_CLIENT_ID, env.RWGPS_CLIENT_SECRET, env.RWGPS_WEBHOOK_SECRETS),
    ...named,
  ];
}

function clientOf(apiKey: string, clientId?: string, clientSecret?: string, more: string[] = []): ClientConfig {
  const oauth = clientId && clientSecret ? { oauth: { clientId, clientSecret } } : {};
  return { apiKey, ...oauth, webhookSecrets: [...(clientSecret ? [clientSecret] : []), ...more] };
}

type Parsed = z.output<typeof schema>;

/** @throws WrongConfig when only some are set: half a source would be off without anybody knowing why. */
function together<Name extends keyof Parsed>(env: Parsed, names: readonly Name[]): boolean {
  const missing = names.filter((name) => env[name] === undefined);
  if (missing.length === 0 || missing.length === names.length) return missing.length === 0;
  const given = names.filter((name) => !missing.includes(name)).join(', ');
  throw new WrongConfig(missing.map((name) => `${name}: must be set too, since ${given} is`));
}

function tradeGeckoOf(env: Parsed): TradeGeckoConfig | undefined {
  if (!together(env, ['TRADEGECKO_CLIENT_ID', 'TRADEGECKO_CLIENT_SECRET'])) return undefined;
  const { TRADEGECKO_CLIENT_ID: clientId = '', TRADEGECKO_CLIENT_SECRET: clientSecret = '' } = env;
  return { baseUrl: env.TRADEGECKO_BASE_URL, clientId, clientSecret };
}

function ryeOf(env: Parsed): RyeConfig | undefined {
  const { RYE_API_KEY: apiKey, RYE_HMAC_SECRET: hmacSecret, RYE_WEBHOOK_SECRET: webhookSecret } = env;
  if (!hmacSecret && !webhookSecret) return undefined;
  return { baseUrl: env.RYE_BASE_URL, graphqlUrl: env.RYE_GRAPHQL_URL, apiKey, hmacSecret, webhookSecret };
}

function ecoveloOf(env: Parsed): EcoveloConfig | undefined {
  if (!together(env, ['ECOVELO_API_KEY', 'ECOVELO_WEBHOOK_SECRET'])) return undefined;
  const { ECOVELO_API_KEY: apiKey = '', ECOVELO_WEBHOOK_SECRET: webhookSecret = '' } = env;
  return { baseUrl: env.ECOVELO_BASE_URL, apiKey, apiKeyHeader: env.ECOVELO_API_KEY_HEADER, webhookSecret };
}

/** What `serve` still needs, as sentences; empty when it can start. */
export function missingCredentials(config: Config): string[] {
  const { clients, authToken } = config.ridewithgps;
  if (authToken || clients.some(({ oauth }) => oauth)) return [];
  return [
    ...(clients.length === 0 ? ['RWGPS_API_KEY is not set.'] : []),
    'Set RWGPS_CLIENT_ID and RWGPS_CLIENT_SECRET (for riders who connect in the browser), or RWGPS_AUTH_TOKEN (for one rider or an organisation).',
  ];
}

/** A public address needs https cookies and the set-up code; a loopback one cannot be reached by others. */
export const isPublic = ({ publicUrl }: Config): boolean => !isLoopback(new URL(publicUrl));

const isLoopback = ({ hostname }: URL): boolean => ['localhost', '127.0.0.1', '[::1]'].includes(hostname);

/**
 * A `#` or a `?` in a password would end it there, and the rest would be taken for something else. A host may be left out, as in
 * `postgres://me@/rides?host=/run/postgresql`, which is no URL and is PostgreSQL's own way.
 */
function isDatabaseAddress(value: string): boolean {
  const url = URL.parse(value.replace('@/', '@localhost/'));
  return url !== null && ['postgres:', 'postgresql:'].includes(url.protocol) && url.hash === '' && !/\s/.test(value);
}

/** What Express understands (proxy-addr): an address, a range of them, or a name for one. */
function isProxy(value: string): boolean {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(value)) return true;
  const [address = '', range, ...more] = value.split('/');
  const bits = { 4: 32, 6: 128 }[isIP(address)];
  if (bits === undefined || more.length > 0) return false;
  return range === undefined || isIP(range) !== 0 || (/^[1-9]\d*$/.test(range) && Number(range) <= bits);
}

function isCron(value: string): boolean {
  if (value.split(/\s+/).length !== 5) return false;
  try {
    new Cron(value, { paused: true, timezone: 'UTC' });
    return true;
  } catch {
    // croner says why in English; the message of this variable says what is expected instead.
    return false;
  }
}

/** @throws WrongConfig Across processes graphile-worker keeps the time, and it knows less of cron than croner does. */
function assertSharedCron(env: Parsed): void {
  if (env.DATABASE_URL === undefined) return;
  const wrong = (['RECONCILE_CRON', 'AUDIT_CRON'] as const).filter(
    (name) => env[name] !== 'off' && !isPlainCron(env[name]),
  );
  if (wrong.length === 0) return;
  throw new WrongConfig(
    wrong.map(
      (name) =>
        `${name}: with DATABASE_URL it takes numbers, lists (1,2), ranges (1-5), * and */15 only, as in */15 8-20 * * 1,3; or off`,
    ),
  );
}

/** What croner takes and graphile-worker does too: no names, no `L`, `W`, `#` or `?`, and no steps within a range. */
const isPlainCron = (value: string): boolean =>
  value.split(/\s+/).every((field) =>
    field.split(',').every((part) => {
      const [, first, last] = /^(\d+)-(\d+)$/.exec(part) ?? [];
      return first === undefined ? /^(?:\d+|\*(?:\/[1-9]\d*)?)$/.test(part) : Number(first) < Number(last);
    }),
  );

export class WrongConfig extends Error {
  readonly problems: string[];
  constructor(problems: string[]) {
    super(`The configuration is wrong:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.name = 'WrongConfig';
    this.problems = problems;
  }
}
