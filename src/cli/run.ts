import { Command, CommanderError } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { type Environment, readConfig } from '../config.ts';
import { COMMANDS } from './commands.ts';
import type { Context } from './context.ts';
import { loadDotEnv } from './dot-env.ts';
import { explain } from './failure.ts';
import { createProgress } from './progress.ts';

const WRONG_USE = 2;

/**
 * Command line → command.
 *
 * @param environment The process's own: it grows by what `.env` says.
 * @returns the exit code: 0 fine, 1 failed, 2 wrong use.
 */
export async function run(argv: readonly string[], environment: Environment): Promise<number> {
  const { stdout, stderr } = process;
  let exitCode = 0;
  const context: Context = {
    environment,
    config: () => readConfig(environment),
    say: (text) => void stdout.write(`${printable(text)}\n`),
    json: (value) => void stdout.write(`${JSON.stringify(value, null, 2)}\n`),
    note: (text) => void stderr.write(`${printable(text)}\n`),
    progress: (label) => createProgress(stderr, printable(label)),
    terminal: stdout.isTTY === true,
    failed: () => {
      exitCode = 1;
    },
  };
  // Whoever reads the answer may stop reading: `slipstream accounts | head`.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });

  try {
    loadDotEnv();
    await programOf(context).parseAsync(argv);
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : WRONG_USE;
    context.note(explain(error, environment.LOG_LEVEL));
    return 1;
  }
}

/** Names come from the provider, and a terminal obeys what is in them: only lines and tabs are left of what is no text. */
const printable = (text: string): string => text.replace(/(?![\n\t])\p{Cc}/gu, '\ufffd');

/** All commands. */
export function programOf(context: Context): Command {
  const program = new Command('slipstream')
    .description("A self-hosted mirror of a rider's Ride With GPS routes and trips.")
    .version(manifest.version)
    .showHelpAfterError('Add --help to see how it is used.')
    .exitOverride()
    .configureHelp({ showGlobalOptions: false });
  for (const make of COMMANDS) program.addCommand(settled(make(context), program));
  return program;
}

/** Throws instead of ending the process, and speaks JSON where asked. */
function settled(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent);
  if (command.commands.length === 0) command.option('--json', 'answer with JSON');
  for (const child of command.commands) settled(child, command);
  return command;
}
