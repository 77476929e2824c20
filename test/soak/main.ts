import { parseArgs } from 'node:util';
import type { Finding } from '../bench/findings.ts';
import type { Part } from '../bench/part.ts';
import { createProcesses } from '../bench/processes.ts';
import { flood } from './flood.ts';
import { histories, historiesOverPostgres } from './histories.ts';
import { kills } from './kills.ts';
import { load } from './load.ts';
import { processes } from './processes.ts';
import { circumstances, report } from './report.ts';
import { riders } from './riders.ts';

/** `npm run soak`: what takes too long for `npm test`. */
const PARTS: Record<string, Part> = {
  kills,
  histories,
  'histories-postgres': historiesOverPostgres,
  load,
  riders,
  processes,
  flood: async ({ say }) => {
    const { median, underFlood, ratio } = await flood(say);
    return [
      {
        subject: 'acknowledgement of a signed request amid a flood of unsigned ones, median',
        slipstream: `${underFlood.toFixed(1)} ms`,
        beside: `${median.toFixed(1)} ms alone`,
        figure: ratio,
        unit: '×',
        bound: { atMost: 2 },
      },
    ];
  },
};

const USAGE = `npm run soak -- [options]
  --only PART     one of ${Object.keys(PARTS).join(', ')}; may be given several times
  --quick         a small version, to see that it runs
  --json FILE     write the findings there too`;

try {
  process.exit((await run(process.argv.slice(2))) ? 0 : 1);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

/** @returns whether everything was reached. */
async function run(args: string[]): Promise<boolean> {
  const { only, quick, json } = optionsOf(args);
  const children = createProcesses();
  process.once('exit', children.close);
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  console.log(circumstances(quick));
  const findings: Finding[] = [];
  const failures: string[] = [];
  for (const name of only) {
    console.log(`\n${name}`);
    const began = Date.now();
    const say = (line: string) =>
      console.log(`  ${String(Math.round((Date.now() - began) / 1_000)).padStart(5)} s  ${line}`);
    try {
      findings.push(...((await PARTS[name]?.({ processes: children, quick, tracks: undefined, say })) ?? []));
    } catch (error) {
      // The other parts can still say what they find.
      failures.push(
        `${name} did not get to its end: ${error instanceof Error ? (error.stack ?? error.message) : error}`,
      );
      console.error(`  ${failures.at(-1)}`);
    }
  }
  return report({ findings, failures, quick, json });
}

function optionsOf(args: string[]) {
  const { values } = parsed(args);
  const { only = Object.keys(PARTS), quick = false, json } = values;
  const unknown = only.filter((name) => !(name in PARTS));
  if (unknown.length > 0) throw new Error(`There is no part ${unknown.join(', ')}.\n${USAGE}`);
  return { only, quick, json };
}

function parsed(args: string[]) {
  try {
    return parseArgs({
      args,
      options: { only: { type: 'string', multiple: true }, quick: { type: 'boolean' }, json: { type: 'string' } },
    });
  } catch (cause) {
    throw new Error(`${cause instanceof Error ? cause.message : cause}\n${USAGE}`, { cause });
  }
}
