import { Command } from 'commander';
import type { Context, Options } from './context.ts';
import type { Verdict } from './doctor/verdict.ts';

const SIGNS: Record<Verdict['status'], string> = { ok: '✓', warning: '!', failed: '✗' };

export function doctorCommand(context: Context): Command {
  return new Command('doctor')
    .description('check the installation, and say what to do about what is wrong')
    .action(async ({ json }: Options) => {
      // What it looks at is nearly everything, and no other command needs that.
      const { examine } = await import('./doctor/examine.ts');
      const verdicts: Verdict[] = [];
      for await (const verdict of examine(context)) {
        verdicts.push(verdict);
        if (!json) context.say(`${SIGNS[verdict.status]} ${verdict.check}: ${verdict.message}`);
      }
      if (json) context.json(verdicts);
      if (verdicts.some(({ status }) => status === 'failed')) context.failed();
    });
}
