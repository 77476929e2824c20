import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer } from 'vitest/node';

/** What takes longest begins first, or a single file would go on alone at the end; what waits much beside what computes much. */
const FIRST = [
  'histories.test.ts',
  'faults/provider.test.ts',
  'browser/journey.test.ts',
  'crash.test.ts',
  'postgres/histories.test.ts',
  'faults/machine.test.ts',
  'web/accessible.test.ts',
  'faults/outage.test.ts',
  'sources.test.ts',
  'attack/hostile.test.ts',
  'web/browser.test.ts',
  'attack/secrets.test.ts',
  'export/files.test.ts',
  'reconcile.test.ts',
  'web/charts.test.ts',
  'backup.test.ts',
  'dispatch.test.ts',
  'browser/library.test.ts',
  'postgres/dispatch.test.ts',
  'brake.test.ts',
  'attack/browser-side.test.ts',
  'browser/extremes.test.ts',
  'cli/demo.test.ts',
  'browser/map.test.ts',
  'postgres/processes-killed.test.ts',
  'faults/disk.test.ts',
  'tracks.test.ts',
  'storage.test.ts',
  'cli/serve.test.ts',
  'sources/sixth.test.ts',
  'postgres/cli.test.ts',
  'cli/rotate-key.test.ts',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: Parameters<BaseSequencer['sort']>[0]): ReturnType<BaseSequencer['sort']> {
    const placeOf = (file: string) => {
      const place = FIRST.findIndex((name) => file === join(import.meta.dirname, 'test', name));
      return place === -1 ? FIRST.length : place;
    };
    const others = await super.sort(files);
    return others.sort((one, other) => placeOf(one.moduleId) - placeOf(other.moduleId));
  }
}

/** For the programs and threads that tests start, some hundreds of times, and for the processes that the tests run in themselves. */
const NODE_COMPILE_CACHE = join(import.meta.dirname, 'node_modules/.cache/slipstream/compiled');
process.env.NODE_COMPILE_CACHE = NODE_COMPILE_CACHE;

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/support/one-postgres.ts',
    // Real programs, databases and browsers are slow to start; no single behaviour here may take longer.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    sequence: { sequencer: LongestFirst },
    // Two more than the smallest machine has cores: much of the time a test waits for a program, a page or a clock.
    maxWorkers: 4,
    env: { NODE_COMPILE_CACHE },
  },
});
