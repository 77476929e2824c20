import { Command } from 'commander';
import { accountToAsk } from './account.ts';
import type { Context, Options } from './context.ts';
import { type Control, withControl } from './control.ts';

export interface LoginLink {
  url: string;
  /** ISO 8601. */
  expires_at: string;
}

export function loginLinkCommand(context: Context): Command {
  return new Command('login-link')
    .description('a link that signs a browser in without the provider, once')
    .option('--account <id>', "the provider's user id; default: the owner")
    .action(async ({ account, json }: Options & { account?: string }) => {
      const config = context.config();
      const link = await withControl(config, async (control) =>
        requestLoginLink(control, (await accountToAsk(config, control, account)).user_id),
      );
      if (json) return context.json(link);
      context.say(link.url);
      context.note('Good for one use within 15 minutes. Whoever opens it is signed in, so hand it to nobody else.');
    });
}

export const requestLoginLink = (control: Control, account: string): Promise<LoginLink> =>
  control.post<LoginLink>('/control/login-links', account);
