import { writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { type Finding, isReached, requirementOf, tableOf } from '../bench/findings.ts';
import { reportFigure } from '../support/figures.ts';

export interface Soaked {
  findings: Finding[];
  /** What broke off, a sentence each. */
  failures: string[];
  quick: boolean;
  json: string | undefined;
}

export function circumstances(quick: boolean): string {
  const load = loadavg()[0]?.toFixed(1);
  const machine = `Node ${process.versions.node}, ${availableParallelism()} cores, load of the machine before: ${load}`;
  return quick ? `${machine}; quick: nothing to conclude from` : machine;
}

/** Shows what was found, and keeps it for `docs/promises.md`. @returns whether all of it is as it has to be. */
export function report({ findings, failures, quick, json }: Soaked): boolean {
  console.log(`\n${tableOf(findings)}`);
  if (json) {
    const at = new Date().toISOString();
    writeFileSync(json, `${JSON.stringify({ at, node: process.versions.node, quick, findings, failures }, null, 2)}\n`);
  }
  if (!quick) for (const finding of findings) remember(finding);
  const missed = findings.filter((finding) => !reached(finding));
  for (const { subject } of missed) console.log(`NOT REACHED: ${subject}`);
  for (const failure of failures) console.log(`FAILED: ${failure.split('\n')[0]}`);
  return missed.length + failures.length === 0;
}

const reached = ({ figure, bound }: Finding): boolean => bound === undefined || isReached(figure, bound);

function remember(finding: Finding): void {
  const { subject, slipstream, beside, bound, unit } = finding;
  if (bound === undefined) return;
  reportFigure({
    name: subject,
    value: beside === undefined ? slipstream : `${slipstream}; ${beside}`,
    required: requirementOf({ bound, unit }),
    reached: reached(finding),
    command: 'npm run soak',
  });
}
