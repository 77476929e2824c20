import { Argument, Command } from 'commander';
import type { Config } from '../config.ts';
import { idIn } from './arguments.ts';
import type { Context, Options } from './context.ts';
import { type Control, messageIn, withControl } from './control.ts';
import { deadLettersIn, type OwnedLetter } from './dead-letters.ts';
import { Failure } from './failure.ts';
import { withStored } from './stored.ts';

interface Replayed {
  id: number;
  ok: boolean;
  message: string;
}

export function replayCommand(context: Context): Command {
  return new Command('replay')
    .description('try a dead letter again')
    .addArgument(new Argument('[id]', 'as "slipstream dead-letters" lists it').argParser(idIn))
    .option('--all', 'every one of them')
    .action(async (id: number | undefined, { all, json }: Options & { all?: true }, command: Command) => {
      if ((id === undefined) === (all === undefined)) command.error('Name one dead letter, or --all of them.');
      const config = context.config();
      const replayed = await withControl(config, async (control) => {
        await control.send('GET', '/healthz');
        const done: Replayed[] = [];
        for (const letter of await lettersWanted(config, id)) done.push(await replayOne(control, letter));
        return done;
      });
      if (json) context.json(replayed);
      else for (const { id: each, message } of replayed) context.say(`${each}: ${message}`);
      if (!json && replayed.length === 0) context.say('Nothing needs you.');
      if (replayed.some(({ ok }) => !ok)) context.failed();
    });
}

async function lettersWanted(config: Config, id: number | undefined): Promise<OwnedLetter[]> {
  const letters = await withStored(config, deadLettersIn);
  if (id === undefined) return letters;
  const letter = letters.find((each) => each.id === id);
  if (!letter)
    throw new Failure(`There is no dead letter ${id}. "slipstream dead-letters" lists those that there are.`);
  return [letter];
}

async function replayOne(control: Control, { id, reader }: OwnedLetter): Promise<Replayed> {
  const { status, body } = await control.send('POST', `/api/v1/dead-letters/${id}/replay`, reader);
  if (status < 300) return { id, ok: true, message: 'tried again; it comes back to the list if it fails.' };
  return { id, ok: false, message: messageIn(body) ?? `it was refused (${status}).` };
}
