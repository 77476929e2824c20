import { Argument, Command } from 'commander';
import { accountsStored } from './account.ts';
import { idIn } from './arguments.ts';
import type { Context, Options } from './context.ts';
import { type Control, messageIn, withControl } from './control.ts';
import { letterStored } from './dead-letters.ts';

/** Something that is asked of one dead letter or of all. */
interface LetterVerb {
  name: 'replay' | 'dismiss';
  description: string;
  /** By the name that the API gives them. */
  outcomes: Record<string, { ok: boolean; message: string }>;
}

interface Done {
  id: number;
  ok: boolean;
  message: string;
}

export function letterVerbCommand(verb: LetterVerb, context: Context): Command {
  return new Command(verb.name)
    .description(verb.description)
    .addArgument(new Argument('[id]', 'as "slipstream dead-letters" lists it').argParser(idIn))
    .option('--all', 'every one of them')
    .action(async (id: number | undefined, { all, json }: Options & { all?: true }, command: Command) => {
      if ((id === undefined) === (all === undefined)) command.error('Name one dead letter, or --all of them.');
      const done = await withControl(context.config(), async (control) => {
        await control.send('GET', '/healthz');
        return id === undefined ? doAll(verb, control, context) : [await doOne(verb, control, context, id)];
      });
      if (json) context.json(done);
      else for (const { id: each, message } of done) context.say(`${each}: ${message}`);
      if (!json && done.length === 0) context.say('Nothing needs you.');
      if (done.some(({ ok }) => !ok)) context.failed();
    });
}

async function doOne({ name, outcomes }: LetterVerb, control: Control, context: Context, id: number): Promise<Done> {
  const { reader } = await letterStored(context, id);
  const { status, body } = await control.send('POST', `/api/v1/dead-letters/${id}/${name}`, reader);
  const [outcome] = Object.values(outcomes);
  if (status < 300 && outcome) return { id, ...outcome };
  return { id, ok: false, message: messageIn(body) ?? `it was refused (${status}).` };
}

/** Each account for itself; what belongs to nobody is done with the owner's. */
async function doAll({ name, outcomes }: LetterVerb, control: Control, context: Context): Promise<Done[]> {
  const done: Done[] = [];
  for (const { user_id } of await accountsStored(context.config())) {
    const answer = await control.post<Record<string, number[]>>(`/api/v1/dead-letters/${name}`, user_id);
    for (const [outcome, how] of Object.entries(outcomes)) {
      for (const id of answer[outcome] ?? []) done.push({ id, ...how });
    }
  }
  return done.sort((one, other) => one.id - other.id);
}
