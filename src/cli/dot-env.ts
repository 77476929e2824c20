import { existsSync } from 'node:fs';
import { Failure } from './failure.ts';

/** Puts what `.env` of the working directory says into the environment; what is set there already stays. */
export function loadDotEnv(): void {
  if (!existsSync('.env')) return;
  try {
    process.loadEnvFile('.env');
  } catch (cause) {
    throw new Failure(
      'The file .env cannot be read, so nothing was started. Make it readable for the user that runs Slipstream, or take it away.',
      { cause },
    );
  }
}
