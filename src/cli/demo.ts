import { type ChildProcess, fork } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import type { App } from '../app.ts';
import { type Config, type Environment, readConfig } from '../config.ts';
import { createLog } from '../log.ts';
import { portIn } from './arguments.ts';
import type { Context, Options } from './context.ts';
import type { Others } from './demo-sources.ts';
import { Failure } from './failure.ts';
import { freePort } from './ports.ts';
import { requireFolder, SANDBOX_CLIENT, type SandboxStarted } from './sandbox.ts';
import { startApp } from './serve.ts';
import { untilStopped } from './stop.ts';

interface Given extends Options {
  tracks?: string;
  keep?: true;
  port?: number;
  sources?: 'all';
}

export function demoCommand(context: Context): Command {
  return new Command('demo')
    .description('run Slipstream beside its own stand-in provider; needs no credentials')
    .option('--tracks <folder>', 'a folder of GPX, TCX, FIT and KML files to use instead of invented rides')
    .option('--keep', 'keep the data in ./data-demo instead of a temporary folder')
    .option('--port <port>', 'default: PORT, 3000', portIn)
    .addOption(new Option('--sources <which>', 'the other four providers too, made up like the first').choices(['all']))
    .action(async ({ json, tracks, keep, port, sources }: Given) => {
      if (tracks !== undefined) await requireFolder(tracks);
      const wanted = context.config();
      const ports = await choosePorts({ ...wanted, port: port ?? wanted.port }, context.note);
      const dataDir = keep ? resolve('data-demo') : mkdtempSync(join(tmpdir(), 'slipstream-demo-'));
      const kept = existsSync(join(dataDir, 'mirror.db'));
      try {
        await run(context, wanted, { ...ports, tracks, dataDir, kept, json: json === true, all: sources === 'all' });
      } finally {
        if (!keep) rmSync(dataDir, { recursive: true, force: true });
      }
      process.exit(0);
    });
}

interface Ports {
  port: number;
  sandboxPort: number;
}

interface Demo extends Ports {
  tracks: string | undefined;
  dataDir: string;
  /** There was data before. */
  kept: boolean;
  json: boolean;
  /** With the providers of the other sources. */
  all: boolean;
}

async function choosePorts({ port, sandboxPort, host }: Config, note: (text: string) => void): Promise<Ports> {
  const chosen = await freePort(port, host);
  if (port !== 0 && chosen !== port) note(`Port ${port} is taken; Slipstream takes ${chosen} instead.`);
  const beside = await freePort(sandboxPort, host, [chosen]);
  if (sandboxPort !== 0 && beside !== sandboxPort) {
    note(`Port ${sandboxPort} is taken; the sandbox takes ${beside} instead.`);
  }
  return { port: chosen, sandboxPort: beside };
}

async function run(context: Context, { host }: Config, demo: Demo): Promise<void> {
  const { child, started } = await startSandbox(demo, host);
  // Loaded only where they are wanted.
  const others = demo.all ? await (await import('./demo-sources.ts')).startOthers() : undefined;
  try {
    const config = readConfig({
      ...demoEnvironment(context.environment, demo, started.url),
      ...others?.environment,
    });
    const app = await startApp(config, createLog(config.logLevel));
    const stopped = untilStopped(() => app.close(), context.note);
    await others?.connect(app, `http://${nearAddress(host)}:${demo.port}`);
    if (demo.json) context.json(factsOf(app, started, demo, others));
    else context.say(linesOf(app, started, demo));
    const lost = new Promise<void>((_, reject) =>
      child.once('exit', () =>
        reject(new Failure('The sandbox ended, so the demo ends too. Start it again with npm run demo.')),
      ),
    );
    await Promise.race([stopped, lost]);
  } finally {
    await others?.close();
    if (child.connected) child.disconnect();
  }
}

/** A process of its own: making up rides must not slow an acknowledgement. It goes when this process goes, however it does. */
function startSandbox(
  { sandboxPort, port, tracks }: Demo,
  host: string,
): Promise<{ child: ChildProcess; started: SandboxStarted }> {
  const child = fork(
    join(import.meta.dirname, '../main.ts'),
    [
      ...['sandbox', '--port', String(sandboxPort), '--host', host],
      ...['--webhook-url', `http://${nearAddress(host)}:${port}/webhooks/ridewithgps`],
      ...(tracks === undefined ? [] : ['--tracks', tracks]),
    ],
    { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
  );
  const { promise, resolve, reject } = Promise.withResolvers<{ child: ChildProcess; started: SandboxStarted }>();
  child.once('message', (message) => resolve({ child, started: message as SandboxStarted }));
  child.once('error', reject);
  child.once('exit', () => reject(new Failure('The sandbox did not start; the lines above say why.')));
  return promise;
}

/** An address for somebody on this machine. */
function nearAddress(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

/** Nothing of a real installation is left in it: the demo must not write to a library that somebody uses. */
function demoEnvironment(given: Environment, { port, dataDir }: Demo, sandboxUrl: string): Environment {
  return {
    HOST: given.HOST,
    LOG_LEVEL: given.LOG_LEVEL ?? 'warn',
    WORKER_THREADS: given.WORKER_THREADS,
    MAP_STYLE_URL: given.MAP_STYLE_URL,
    MAP_TILES: given.MAP_TILES,
    PORT: String(port),
    PUBLIC_URL: `http://localhost:${port}`,
    DATA_DIR: dataDir,
    RWGPS_BASE_URL: sandboxUrl,
    RWGPS_API_KEY: SANDBOX_CLIENT.apiKey,
    RWGPS_CLIENT_ID: SANDBOX_CLIENT.clientId,
    RWGPS_CLIENT_SECRET: SANDBOX_CLIENT.clientSecret,
    // A lost webhook should be found while somebody is looking.
    RECONCILE_CRON: '* * * * *',
  };
}

function factsOf({ config }: App, { url, refused }: SandboxStarted, { dataDir }: Demo, others: Others | undefined) {
  return {
    app: config.publicUrl,
    provider: url,
    control: `${url}/sandbox`,
    data_dir: dataDir,
    refused,
    ...(others && { sources: `${config.publicUrl}/sources`, providers: others.urls }),
  };
}

function linesOf({ config }: App, { url, refused }: SandboxStarted, { dataDir, kept, tracks, all }: Demo): string {
  return [
    'Slipstream is running, beside a provider that is made up.',
    '',
    `  1  Open      ${config.publicUrl}`,
    '               Press Connect, then Authorize, and watch the rides arrive.',
    `  2  Open      ${url}/sandbox`,
    '               Edit, delete or pin one there, and see it change in Slipstream.',
    ...(all
      ? [
          `  3  Open      ${config.publicUrl}/sources`,
          '               TradeGecko, Rye, Pryv and Ecovelo, made up too: every ten seconds one of them sends something.',
        ]
      : []),
    '',
    `  Data         ${dataDir}`,
    ...(kept ? ['               kept from before; the sandbox starts anew each time, so connect once more'] : []),
    ...(refused.length > 0 ? ['', `  Left out of ${tracks}:`] : []),
    ...refused.map(({ file, reason }) => `    ${file}: ${reason}`),
    '',
    all ? 'Ctrl-C stops them all.' : 'Ctrl-C stops both.',
  ].join('\n');
}
