import { availableParallelism } from 'node:os';
import type { ExportRequest } from './export/index.ts';
import type { Comparison, ComparisonRequest, Lines } from './history/compare.ts';
import type { Step, StepsRequest } from './history/steps.ts';
import type { ValueStep, ValueStepsRequest } from './history/values.ts';
import type { TileRequest } from './lines/tiles.ts';
import type { StatisticsAnswer, StatisticsRequest } from './statistics/index.ts';
import type { Where } from './storage/open.ts';
import { createThreads } from './threads.ts';

/**
 * What people look at is read in threads of its own: listing twenty thousand rides takes longer than an acknowledgement may wait, and
 * a page must not wait for the bodies that the workers decode.
 */
export interface Readers {
  /** A verb of one of the stores that are read here. */
  call(store: 'library' | 'lines' | 'records', method: string, args: unknown[]): Promise<unknown>;
  /** A vector tile, gzipped; empty where nothing is drawn. */
  tile(request: TileRequest): Promise<Uint8Array>;
  /** A file made of what is stored; undefined where there is no such item. */
  file(request: ExportRequest): Promise<Uint8Array | undefined>;
  /** Versions of an item in a list, each with what it changed. */
  steps(request: StepsRequest): Promise<Step[]>;
  /** The same of a record of any source. */
  valueSteps(request: ValueStepsRequest): Promise<ValueStep[]>;
  compare(request: ComparisonRequest): Promise<Comparison | undefined>;
  /** The two lines of a comparison, for a map. */
  lines(request: ComparisonRequest): Promise<Lines | undefined>;
  statistics(request: StatisticsRequest): Promise<StatisticsAnswer>;
  close(): Promise<void>;
}

export function createReaders({ dataDir, databaseUrl }: Where): Readers {
  const { piscina, close } = createThreads({
    file: new URL('./reader-thread.ts', import.meta.url),
    count: Math.min(2, Math.max(1, availableParallelism() - 1)),
    // Until somebody looks, none is needed; the first page waits for the first of them.
    lazy: true,
    // One after the other: each computes, and none of them waits for anything.
    tasksEach: 1,
    data: { where: { dataDir, databaseUrl } },
  });

  return {
    call: (store, method, args) => piscina.run({ store, method, args }, { name: 'call' }),
    tile: (request) => piscina.run(request, { name: 'tile' }),
    file: (request) => piscina.run(request, { name: 'file' }),
    steps: (request) => piscina.run(request, { name: 'steps' }),
    valueSteps: (request) => piscina.run(request, { name: 'valueSteps' }),
    compare: (request) => piscina.run(request, { name: 'compare' }),
    lines: (request) => piscina.run(request, { name: 'lines' }),
    statistics: (request) => piscina.run(request, { name: 'statistics' }),
    close,
  };
}
