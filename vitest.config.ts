import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Real programs, databases and browsers are slow to start; no single behaviour here may take longer.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // One more than the smallest machine has cores: much of the time a test waits for a program, a page or a clock.
    maxWorkers: 3,
    // For the programs that tests start, some hundreds of times.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.cache/slipstream/compiled') },
  },
});
