#!/usr/bin/env node
import { nodeIsTooOld } from './cli/node-version.ts';

const tooOld = nodeIsTooOld(process.versions.node);
if (tooOld) {
  console.error(tooOld);
  process.exitCode = 1;
} else {
  // Only now: the database's native part crashes an older Node before it could be told.
  const { run } = await import('./cli/run.ts');
  process.exitCode = await run(process.argv, process.env);
}
