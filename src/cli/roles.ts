import { Command } from 'commander';
import type { Role } from '../app.ts';
import type { Context, Options } from './context.ts';
import { Failure } from './failure.ts';
import { runApp } from './serve.ts';

/** One of several processes over one PostgreSQL: those that are asked over HTTP. */
export const receiveCommand = (context: Context): Command =>
  role(context, 'receive', 'with PostgreSQL: take webhooks and show the pages, beside other processes');

/** And those that fetch. */
export const workCommand = (context: Context): Command =>
  role(context, 'work', 'with PostgreSQL: fetch, reconcile, audit, beside other processes');

function role(context: Context, name: Exclude<Role, 'serve'>, description: string): Command {
  return new Command(name).description(description).action(async ({ json }: Options) => {
    if (context.config().databaseUrl === undefined) {
      throw new Failure(
        `slipstream ${name} did not start: it shares a PostgreSQL with other processes, and DATABASE_URL is not set.\n` +
          'With SQLite one process does everything: slipstream serve.',
      );
    }
    await runApp(context, name, json);
  });
}
