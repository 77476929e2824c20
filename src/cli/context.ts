import type { Config, Environment } from '../config.ts';
import type { Progress } from './progress.ts';

/** What every command is given. */
export interface Context {
  environment: Environment;
  /** @throws WrongConfig */
  config(): Config;
  /** The answer, on standard output. */
  say(text: string): void;
  /** The answer of `--json`. */
  json(value: unknown): void;
  /** About the answer, on standard error, so that the answer can be piped. */
  note(text: string): void;
  /** A bar for what takes long; nothing where standard error is no terminal. */
  progress(label: string): Progress;
  /** Is somebody sitting in front of standard output? */
  terminal: boolean;
  /** The exit code of a command that did its work and found something wrong. */
  failed(): void;
}

/** Every command has it. */
export interface Options {
  json?: boolean;
}
