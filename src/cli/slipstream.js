#!/usr/bin/env node
// Plain JavaScript on purpose: a Node before 22.18 cannot read main.ts, and so could not say there that it is too old.
import('../main.ts').catch((error) => {
  if (error.code !== 'ERR_UNKNOWN_FILE_EXTENSION') throw error;
  console.error(
    `Slipstream needs Node 24 or newer, and this is Node ${process.versions.node}. Nothing was started. ` +
      'Run it through npm (npm start, npm run demo), which uses the Node that npm ci installed beside it, or install a newer Node.',
  );
  process.exitCode = 1;
});
