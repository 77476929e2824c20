import { Command } from 'commander';
import type { Logger } from 'pino';
import type { App, Role, Running } from '../app.ts';
import { type Config, isPublic, missingCredentials } from '../config.ts';
import { createLog } from '../log.ts';
import type { Context, Options } from './context.ts';
import { createControl, withControl } from './control.ts';
import { databaseName } from './database-name.ts';
import { Failure } from './failure.ts';
import { requestLoginLink } from './login-link.ts';
import { tryPort } from './ports.ts';
import { untilStopped } from './stop.ts';

/** The provider is asked who the auth token belongs to; longer than that it is not reachable. */
const ACCOUNT_KNOWN_MS = 20_000;
/** Until the threads have started; ending earlier may crash. */
const HALF_OPEN_MS = 3_000;

export function serveCommand(context: Context): Command {
  return new Command('serve')
    .description('run Slipstream: receive webhooks, mirror, show the pages (npm start)')
    .action(({ json }: Options) => runApp(context, 'serve', json));
}

/** Starts a process of that role, says so, and waits for the signal to stop. */
export async function runApp(context: Context, role: Role, json?: boolean): Promise<void> {
  const config = context.config();
  requireCredentials(config);
  const log = createLog(config.logLevel);
  const app = await startRole(role, config, log);
  const stopped = untilStopped(() => app.close(), context.note);
  await announce(app, role, context, json ? undefined : context.terminal, log);
  await stopped;
  // A thread that hangs in a fetch must not keep a closed program alive.
  process.exit(0);
}

function requireCredentials(config: Config): void {
  const missing = missingCredentials(config);
  if (missing.length === 0) return;
  throw new Failure(
    `Slipstream did not start: it has no credentials for Ride With GPS.\n${missing.map((sentence) => `  ${sentence}`).join('\n')}\n` +
      'They come from Ride With GPS → Settings → Developers → API client; put them into .env (.env.example explains each).\n' +
      'To look around without any: npm run demo',
  );
}

/**
 * Opens everything, for `serve` and `demo`.
 *
 * @throws Failure when a Slipstream runs on this data already: two of them would fetch everything twice and fight for the files.
 */
export async function startApp(config: Config, log: Logger): Promise<App> {
  // The lock in the folder is what holds; this knows more about who has it.
  if (config.databaseUrl === undefined && (await withControl(config, (control) => control.running()))) {
    throw new Failure(
      `Slipstream is running for DATA_DIR ${config.dataDir} already, so this one did not start. Stop the other one, or set DATA_DIR to another folder.`,
    );
  }
  // Loaded only where it runs, so that every other command answers at once.
  return started(config, log, async () => (await import('../app.ts')).openApp(config, log));
}

async function startRole(role: Role, config: Config, log: Logger): Promise<Running> {
  if (role === 'serve') return startApp(config, log);
  // Who works is asked for nothing, unless it has a port to be looked after at.
  const listens = role === 'receive' || config.portIsSet;
  return started(config, log, async () => (await import('../app.ts')).openRole(role, config, log), listens);
}

async function started<T>(config: Config, log: Logger, open: () => Promise<T>, listens = true): Promise<T> {
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'something failed that nobody expected; stopping');
    process.exit(1);
  });
  // Asked before anything is opened: it is the usual reason, and then there is nothing to close.
  if (listens) await tryPort(config.port, config.host);
  try {
    return await open();
  } catch (error) {
    // What was opened before it failed must not keep the process alive.
    setTimeout(() => process.exit(1), HALF_OPEN_MS).unref();
    throw asFailure(error, config);
  }
}

function asFailure(error: unknown, { dataDir }: Config): unknown {
  if (!(error instanceof Error)) return error;
  const path = 'path' in error ? String(error.path) : '';
  const address = 'address' in error ? String(error.address) : '';
  if ([path, address].some((name) => name.endsWith('control.sock'))) {
    return new Failure(
      `The control socket could not be made in ${dataDir} (${error.message}). Such a path may have about 100 characters and needs a local disk: set DATA_DIR to a shorter one.`,
      { cause: error },
    );
  }
  // Whoever reads the styles' manifest says what to run; that is all a person needs.
  if (error.message.includes('npm run prepare')) return new Failure(error.message, { cause: error });
  return error;
}

/** To people in lines, to a log as a line of it. What opens a door never goes through the log. */
async function announce(
  app: Running,
  role: Role,
  context: Context,
  terminal: boolean | undefined,
  log: Logger,
): Promise<void> {
  const { config, connect } = app;
  const oauth = connect && config.ridewithgps.clients.some((client) => client.oauth);
  const facts = {
    ...(app.url !== undefined && { url: app.url }),
    ...(connect && { public_url: config.publicUrl }),
    ...(oauth && { redirect_uri: connect.redirectUri }),
    ...(oauth && { webhook_url: `${config.publicUrl}/webhooks/ridewithgps` }),
    data_dir: config.dataDir,
    ...(config.databaseUrl !== undefined && { database: databaseName(config.databaseUrl) }),
  };
  if (terminal === undefined) context.json({ role, ...facts });
  else if (terminal) context.say(linesOf(role, facts));
  else log.info({ role, ...facts }, connect ? 'Slipstream is listening' : 'Slipstream is working');
  if (!connect) return;

  const tell = terminal ? context.say : context.note;
  // Of several receivers each has its own port, and a load balancer has that of the address.
  const misled = role === 'serve' ? wrongPort(app) : undefined;
  if (misled) context.note(misled);
  if ((await connect.door()) === 'set-up-code') {
    tell(
      `\nSet-up code: ${await connect.setUpCode()}\n  The first who connects is asked for it, so that it is you and nobody else.`,
    );
  }
  if (config.ridewithgps.authToken) void offerLoginLink(app, tell, context.note);
}

const TITLES: Record<Role, string> = {
  serve: 'Slipstream is running.',
  receive: 'Slipstream takes webhooks and shows pages; "slipstream work" does the rest.',
  work: 'Slipstream fetches; "slipstream receive" takes webhooks and shows pages.',
};

function linesOf(
  role: Role,
  { url, public_url, redirect_uri, webhook_url, data_dir, database }: Record<string, string>,
): string {
  return [
    TITLES[role],
    '',
    ...(public_url === undefined ? [] : [`  Open it       ${public_url}`]),
    ...(url === undefined ? [] : [`  Listening on  ${url}`]),
    `  Data          ${database ?? data_dir}`,
    ...(redirect_uri === undefined
      ? []
      : [
          '',
          'At Ride With GPS → Settings → Developers → API client, enter:',
          `  Redirect URI  ${redirect_uri}`,
          `  Webhook URL   ${webhook_url}`,
        ]),
    '',
    'Ctrl-C stops it.',
  ].join('\n');
}

/** PORT alone was changed: then the pages' own addresses lead nowhere. */
function wrongPort({ config, url = '' }: Running): string | undefined {
  const said = new URL(config.publicUrl);
  const port = new URL(url).port || '80';
  if (isPublic(config) || said.protocol === 'https:' || (said.port || '80') === port) return undefined;
  return `PUBLIC_URL is ${config.publicUrl}, but Slipstream listens on port ${port}: connecting would lead nowhere. Set PUBLIC_URL=http://localhost:${port} too.`;
}

/** With an auth token nobody comes back from a provider's page: this link is the way in. */
async function offerLoginLink(app: Running, tell: (text: string) => void, note: (text: string) => void): Promise<void> {
  const control = createControl(app.config);
  try {
    const account = await knownAccount(app);
    if (!account) {
      note(
        'Ride With GPS has not said yet who RWGPS_AUTH_TOKEN belongs to. Slipstream keeps running; "slipstream doctor" says what is wrong, and "slipstream login-link" opens a session once it is right.',
      );
      return;
    }
    const link = await requestLoginLink(control, account.user_id);
    tell(`\nLogin link for ${account.name || account.user_id}, good for one use within 15 minutes:\n  ${link.url}`);
  } catch (error) {
    note(`There is no login link: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    await control.close();
  }
}

async function knownAccount({ accounts }: Running) {
  const until = Date.now() + ACCOUNT_KNOWN_MS;
  for (;;) {
    const found = (await accounts.list()).find(({ tokenKind }) => tokenKind === 'auth-token');
    if (found || Date.now() > until) return found;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
