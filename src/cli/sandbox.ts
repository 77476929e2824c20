import { stat } from 'node:fs/promises';
import { Command, Option } from 'commander';
import type { Sandbox } from '../sandbox/index.ts';
import { portIn } from './arguments.ts';
import type { Context, Options } from './context.ts';
import { Failure } from './failure.ts';
import { untilStopped } from './stop.ts';

/** What the sandbox tells the demo that started it, once it listens. */
export interface SandboxStarted {
  url: string;
  refused: { file: string; reason: string }[];
}

type Given = Options & Omit<SandboxCommand, 'print' | 'port'> & { port?: number };

export function sandboxCommand(context: Context): Command {
  return new Command('sandbox')
    .description('run the stand-in provider alone, with rides of its own or those of a folder')
    .option('--port <port>', 'default: SANDBOX_PORT, 3001; 0 takes any', portIn)
    .option('--host <address>', 'default: 127.0.0.1')
    .option('--tracks <folder>', 'a folder of GPX, TCX, FIT and KML files to use instead of invented rides')
    .option('--webhook-url <url>', 'where changes are announced')
    .addOption(new Option('--dialect <dialect>', 'of the webhooks').choices(['v1', '2022']))
    .action(async ({ json, port, ...rest }: Given) => {
      if (rest.tracks !== undefined) await requireFolder(rest.tracks);
      const print = json ? () => {} : context.say;
      const { sandbox } = await runSandbox({ ...rest, port: port ?? context.config().sandboxPort, print });
      const started: SandboxStarted = { url: sandbox.url, refused: sandbox.skipped };
      if (json) context.json({ ...started, control_url: `${sandbox.url}/sandbox`, client: SANDBOX_CLIENT });
      process.send?.(started);
      await (process.connected ? untilAbandoned() : untilStopped(sandbox.close, context.note));
      process.exit(0);
    });
}

/** @throws Failure when it is none. */
export async function requireFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch((cause: unknown) => {
    throw new Failure(`The folder ${folder} cannot be read, so nothing was started. Check its name after --tracks.`, {
      cause,
    });
  });
  if (!found.isDirectory()) throw new Failure(`${folder} is no folder. Name the folder that the track files are in.`);
}

/** Ctrl-C reaches the demo's child too; it goes when the demo does, so that the demo can close in order. */
function untilAbandoned(): Promise<void> {
  process.on('SIGINT', () => {});
  return new Promise((resolve) => process.once('disconnect', () => resolve()));
}

export interface SandboxCommand {
  /** 0: any free one. */
  port: number;
  host?: string;
  /** A folder of GPX, TCX, FIT or KML files to ride instead of invented rides. */
  tracks?: string;
  /** Where changes are announced. */
  webhookUrl?: string;
  dialect?: '2022' | 'v1';
  seed?: number;
  print?: (line: string) => void;
}

/** Credentials of the one API client of the sandbox. They open nothing but a stand-in. */
export const SANDBOX_CLIENT = {
  apiKey: 'sandbox-api-key',
  clientId: 'sandbox-client',
  clientSecret: 'sandbox-secret',
} as const;

/** Starts the stand-in provider and says what to open and what to configure. */
export async function runSandbox({
  port,
  webhookUrl,
  dialect,
  print = console.log,
  ...rest
}: SandboxCommand): Promise<{ sandbox: Sandbox }> {
  const client = {
    ...SANDBOX_CLIENT,
    ...(webhookUrl !== undefined && { webhookUrl }),
    ...(dialect !== undefined && { dialect }),
  };
  // Loaded only where it runs, so that every other command answers at once.
  const { startSandbox } = await import('../sandbox/index.ts');
  const sandbox = await startSandbox({ port, clients: [client], ...rest });
  print(`Sandbox provider: ${sandbox.url}/sandbox`);
  print(`  RWGPS_BASE_URL=${sandbox.url}`);
  print(`  RWGPS_API_KEY=${client.apiKey}`);
  print(`  RWGPS_CLIENT_ID=${client.clientId}`);
  print(`  RWGPS_CLIENT_SECRET=${client.clientSecret}`);
  for (const { file, reason } of sandbox.skipped) print(`  left out ${file}: ${reason}`);
  return { sandbox };
}
