import { type Command, CommanderError } from 'commander';
import { explain } from '../../src/cli/failure.ts';
import { programOf } from '../../src/cli/run.ts';
import { type Environment, readConfig } from '../../src/config.ts';
import type { Ran } from './program.ts';

/** A command without the second that starting a program takes. */
export async function command(args: readonly string[], environment: Environment = {}): Promise<Ran> {
  const ran: Ran = { code: 0, stdout: '', stderr: '' };
  const program = programOf({
    environment,
    config: () => readConfig(environment),
    say: (text) => {
      ran.stdout += `${text}\n`;
    },
    json: (value) => {
      ran.stdout += JSON.stringify(value);
    },
    note: (text) => {
      ran.stderr += `${text}\n`;
    },
    progress: () => ({ update: () => {}, end: () => {} }),
    terminal: false,
    failed: () => {
      ran.code = 1;
    },
  });
  hear(program, ran);
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) ran.code = error.exitCode === 0 ? 0 : 2;
    else {
      ran.code = 1;
      ran.stderr += `${explain(error, environment.LOG_LEVEL)}\n`;
    }
  }
  return ran;
}

/** What it says of its use, which else goes past the context. */
function hear(command: Command, ran: Ran): void {
  command.configureOutput({
    writeOut: (text) => {
      ran.stdout += text;
    },
    writeErr: (text) => {
      ran.stderr += text;
    },
  });
  for (const child of command.commands) hear(child, ran);
}
