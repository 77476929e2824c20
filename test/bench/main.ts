import { writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { acks } from './acks.ts';
import { backfill } from './backfill.ts';
import { disk } from './disk.ts';
import { type Finding, tableOf } from './findings.ts';
import { lag } from './lag.ts';
import { latency } from './latency.ts';
import { map } from './map.ts';
import { syncMs } from './measure.ts';
import { type Options, readOptions } from './options.ts';
import { pages } from './pages.ts';
import type { Part } from './part.ts';
import { postgresAcks } from './postgres-acks.ts';
import { postgresDrain } from './postgres-drain.ts';
import { postgresLag } from './postgres-lag.ts';
import { postgresSizes } from './postgres-sizes.ts';
import { createProcesses } from './processes.ts';

/** `npm run bench`: Slipstream beside bare programs that do less, in one run on one machine. */
const PARTS: Record<string, Part> = {
  acks,
  latency,
  backfill,
  lag,
  pages,
  map,
  disk,
  'postgres-acks': postgresAcks,
  'postgres-drain': postgresDrain,
  'postgres-lag': postgresLag,
  'postgres-sizes': postgresSizes,
};

try {
  await run(readOptions(process.argv.slice(2), Object.keys(PARTS)));
  process.exit();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

async function run({ only, quick, tracks, json }: Options): Promise<void> {
  const processes = createProcesses();
  process.once('exit', processes.close);
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));

  const { node } = process.versions;
  console.log(`Node ${node}, ${availableParallelism()} cores${quick ? '; quick: nothing to conclude from' : ''}`);
  const findings: Finding[] = [];
  for (const name of only) {
    const sync = syncMs(processes.folder()).toFixed(2);
    console.log(`\n${name} (before: load of the machine ${loadavg()[0]?.toFixed(1)}, the disk syncs in ${sync} ms)`);
    const found = await PARTS[name]?.({ processes, quick, tracks, say: (line) => console.log(`  ${line}`) });
    findings.push(...(found ?? []));
  }
  console.log(`\n${tableOf(findings)}`);
  if (json) writeFileSync(json, `${JSON.stringify({ at: new Date().toISOString(), node, findings }, null, 2)}\n`);
}
