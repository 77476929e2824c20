import { Command } from 'commander';
import type { DeadLetter } from '../storage/sync.ts';
import { ago } from './ago.ts';
import type { Context, Options } from './context.ts';
import { type Stored, withStored } from './stored.ts';

/** A letter, and on whose behalf it can be replayed. */
export type OwnedLetter = DeadLetter & { reader: string };

export function deadLettersCommand(context: Context): Command {
  return new Command('dead-letters')
    .description('list what needs a person, and why, from what is stored')
    .action(async ({ json }: Options) => {
      const letters = await withStored(context.config(), deadLettersIn);
      if (json) return context.json(letters.map(({ reader: _, ...letter }) => letter));
      if (letters.length === 0) return context.say('Nothing needs you.');
      for (const letter of letters) context.say(linesOf(letter, Date.now()));
      context.note('"slipstream replay <id>" tries one again, "slipstream replay --all" all of them.');
    });
}

/** Of all accounts, oldest first. What belongs to nobody is the owner's. */
export async function deadLettersIn({ accounts, inbox }: Stored): Promise<OwnedLetter[]> {
  const letters = new Map<number, OwnedLetter>();
  for (const { source, user_id, owner } of await accounts.list()) {
    for (const letter of await inbox.deadLetters({ source, account: user_id }, owner)) {
      letters.set(letter.id, { ...letter, reader: user_id });
    }
  }
  return [...letters.values()].sort((one, other) => one.id - other.id);
}

function linesOf({ id, kind, type, item_id, account, sentence, created_at }: OwnedLetter, now: number): string {
  const what = item_id === null ? kind : `${type} ${item_id}`;
  return `${id}  ${what}${account === null ? '' : ` of ${account}`}, ${ago(created_at, now)}\n    ${sentence}`;
}
