import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DestinationStream } from 'pino';
import { type App, openApp } from '../../src/app.ts';
import { type Environment, readConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import { type Sandbox, type SandboxClient, type SandboxOptions, startSandbox } from '../../src/sandbox/index.ts';
import type { LANGUAGES } from '../../src/web/languages/index.ts';
import { freshDatabase } from './postgres.ts';

/** The real program beside the stand-in provider, both on any port of loopback. */
export interface Installation {
  app: App;
  sandbox: Sandbox;
  client: SandboxClient;
  dataDir: string;
  environment: Environment;
  /** Presses Connect and Authorize. @returns a browser that is signed in. */
  connect(riderId?: number): Promise<Browser>;
  /** Everything received is a task, everything due is fetched. */
  settled(): Promise<void>;
  /** Closes the program and starts it again on the same data. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export const SECRET = 'the-client-secret-of-the-tests';

export async function startInstallation(
  options: Partial<SandboxOptions> & {
    env?: Environment;
    connectsWebhooks?: boolean;
    appNow?: () => number;
    languages?: typeof LANGUAGES;
    /** Writes what is in the data folder before the program starts. */
    prepare?: (dataDir: string) => void;
    logTo?: DestinationStream;
  } = {},
): Promise<Installation> {
  const { env = {}, connectsWebhooks = true, appNow, languages, prepare, logTo, ...sandboxOptions } = options;
  const client: SandboxClient = { apiKey: 'test-key', clientId: 'test-id', clientSecret: SECRET };
  const sandbox = await startSandbox({
    clients: [client],
    riders: [{ id: 1, name: 'Robin Field', routes: 2, trips: 4, points: 60 }],
    ...sandboxOptions,
  });
  const dataDir = mkdtempSync(join(tmpdir(), 'slipstream-'));
  prepare?.(dataDir);
  const database = process.env.TEST_STORAGE === 'postgres' ? await freshDatabase() : undefined;
  const environment: Environment = {
    PORT: '0',
    DATA_DIR: dataDir,
    RWGPS_BASE_URL: sandbox.url,
    RWGPS_API_KEY: client.apiKey,
    RWGPS_CLIENT_ID: client.clientId,
    RWGPS_CLIENT_SECRET: client.clientSecret,
    RECONCILE_CRON: 'off',
    AUDIT_CRON: 'off',
    LOG_LEVEL: 'silent',
    ...(database && { DATABASE_URL: database.url }),
    ...env,
  };
  const open = () =>
    openApp(readConfig(environment), createLog(environment.LOG_LEVEL ?? 'silent', logTo), appNow, languages);

  const installation: Installation = {
    app: await open(),
    sandbox,
    client,
    dataDir,
    environment,
    async connect(riderId = 1) {
      const browser = createBrowser(installation.app.url);
      await browser.connect(riderId);
      await installation.settled();
      return browser;
    },
    async settled() {
      await sandbox.webhooks.drain();
      await installation.app.settled();
    },
    async restart() {
      await installation.app.close();
      installation.app = await open();
      if (connectsWebhooks) sandbox.webhooks.setUrl(client.apiKey, webhookUrl(installation.app));
    },
    async close() {
      await installation.app.close();
      await sandbox.close();
      await database?.drop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
  if (connectsWebhooks) sandbox.webhooks.setUrl(client.apiKey, webhookUrl(installation.app));
  return installation;
}

export const webhookUrl = (app: Pick<App, 'url'>): string => `${app.url}/webhooks/ridewithgps`;

/** As much of a browser as forms and redirects need: it keeps cookies, and says where its requests come from. */
export interface Browser {
  get(path: string): Promise<Response>;
  post(path: string, form?: Record<string, string>, headers?: Record<string, string>): Promise<Response>;
  json<T>(path: string): Promise<T>;
  /** Connect here, Authorize there, and back. */
  connect(riderId?: number): Promise<Response>;
  cookies: Map<string, string>;
}

export function createBrowser(base: string): Browser {
  const cookies = new Map<string, string>();

  async function send(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (cookies.size > 0) headers.set('cookie', [...cookies].map(([name, value]) => `${name}=${value}`).join('; '));
    const response = await fetch(new URL(path, base), { ...init, headers, redirect: 'manual' });
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = cookie.split('; ');
      const [name = '', value = ''] = pair.split('=', 2);
      if (value === '' || attributes.some((each) => /^expires=thu, 01 jan 1970/i.test(each))) cookies.delete(name);
      else cookies.set(name, value);
    }
    return response;
  }

  const browser: Browser = {
    cookies,
    get: (path) => send(path),
    post: (path, form = {}, headers = {}) =>
      send(path, {
        method: 'POST',
        headers: { 'sec-fetch-site': 'same-origin', ...headers },
        body: new URLSearchParams(form),
      }),
    async json<T>(path: string) {
      return (await (await send(path)).json()) as T;
    },
    async connect(riderId = 1) {
      const away = (await send('/connect/ridewithgps')).headers.get('location') ?? '';
      const back = await authorize(away, riderId);
      const { pathname, search } = new URL(back);
      return send(`${pathname}${search}`);
    },
  };
  return browser;
}

/** Presses Authorize on the provider's page. @returns where it sends the browser. */
export async function authorize(url: string, riderId: number, decision = 'authorize'): Promise<string> {
  const query = new URL(url).searchParams;
  const form = new URLSearchParams({
    client_id: query.get('client_id') ?? '',
    redirect_uri: query.get('redirect_uri') ?? '',
    state: query.get('state') ?? '',
    rider: String(riderId),
    decision,
  });
  const response = await fetch(new URL('/oauth/authorize', url), { method: 'POST', body: form, redirect: 'manual' });
  return response.headers.get('location') ?? '';
}
