import { Argument, Command } from 'commander';
import type { DeadLetter } from '../storage/sync.ts';
import { RIDERS } from '../vocabulary.ts';
import { ago } from './ago.ts';
import { idIn } from './arguments.ts';
import type { Context, Options } from './context.ts';
import { Failure } from './failure.ts';
import { type Stored, withStored } from './stored.ts';

/** A letter, and on whose behalf it can be replayed. */
export type OwnedLetter = DeadLetter & { reader: string };

export function deadLettersCommand(context: Context): Command {
  return new Command('dead-letters')
    .description('list what needs a person, and why, from what is stored')
    .addArgument(new Argument('[id]', 'this one alone, with what was answered or delivered').argParser(idIn))
    .action(async (id: number | undefined, { json }: Options) => {
      const letters = await withStored(context.config(), deadLettersIn);
      if (id !== undefined)
        return json ? context.json(plain(letterNamed(letters, id))) : showOne(letterNamed(letters, id), context);
      if (json) return context.json(letters.map(plain));
      if (letters.length === 0) return context.say('Nothing needs you.');
      for (const letter of letters) context.say(linesOf(letter, Date.now()));
      context.note(
        '"slipstream dead-letters <id>" shows what is known of one. "slipstream replay <id>" tries it again, "slipstream dismiss <id>" takes it off the list; both take --all.',
      );
    });
}

/** Of all accounts, oldest first. What belongs to nobody, or to an account of another source, is the owner's. */
async function deadLettersIn({ accounts, inbox }: Stored): Promise<OwnedLetter[]> {
  const letters = new Map<number, OwnedLetter>();
  const riders = await accounts.riders();
  for (const { source, user_id, owner } of riders.length > 0 ? riders : await accounts.list()) {
    for (const letter of await inbox.deadLetters({ source, account: user_id }, owner)) {
      letters.set(letter.id, { ...letter, reader: user_id });
    }
  }
  return [...letters.values()].sort((one, other) => one.id - other.id);
}

/** @throws Failure when there is no such letter. */
export async function letterStored(context: Context, id: number): Promise<OwnedLetter> {
  return letterNamed(await withStored(context.config(), deadLettersIn), id);
}

function letterNamed(letters: readonly OwnedLetter[], id: number): OwnedLetter {
  const letter = letters.find((each) => each.id === id);
  if (letter) return letter;
  throw new Failure(`There is no dead letter ${id}. "slipstream dead-letters" lists those that there are.`);
}

function showOne(letter: OwnedLetter, context: Context): void {
  context.say(linesOf(letter, Date.now()));
  const evidence = letter.evidence || 'Nothing was answered or delivered that could be shown.';
  context.say(`\n${evidence.replace(/^/gm, '    ')}`);
}

const plain = ({ reader: _, ...letter }: OwnedLetter): DeadLetter => letter;

function linesOf({ id, source, kind, type, item_id, account, sentence, created_at }: OwnedLetter, now: number): string {
  const item = type === 'route' || type === 'trip' || (source !== RIDERS && item_id !== null);
  const what = `${source === RIDERS ? '' : `${source} `}${item ? `${type} ${item_id}` : kind}`;
  return `${id}  ${what}${account === null ? '' : ` of ${account}`}, ${ago(created_at, now)}\n    ${sentence}`;
}
