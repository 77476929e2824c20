import { workerData } from 'piscina';
import { type ExportRequest, exportItem } from './export/index.ts';
import { type Comparison, type ComparisonRequest, compareVersions, type Lines, linesOf } from './history/compare.ts';
import { type Step, type StepsRequest, stepsOf } from './history/steps.ts';
import { type StatisticsAnswer, type StatisticsRequest, statisticsOf } from './statistics/index.ts';
import { openMirrorForReading } from './storage/sqlite/mirror.ts';
import { closeWhenTold, type Door } from './threads.ts';

/** The entry of each thread that reads: opens the mirror, once, and names what it can be asked. */
const { dataDir, door } = workerData as { dataDir: string; door: Door };
const mirror = openMirrorForReading(dataDir);
closeWhenTold(door, mirror.close);

/** A verb of the `Library`. */
export function call({ method, args }: { method: string; args: unknown[] }): unknown {
  const verb: unknown = Reflect.get(mirror.library, method);
  if (typeof verb !== 'function') throw new Error(`There is no library.${method}.`);
  return Reflect.apply(verb, mirror.library, args);
}

export const file = (request: ExportRequest): Promise<Buffer | undefined> => exportItem(mirror.library, request);

export const steps = (request: StepsRequest): Promise<Step[]> => stepsOf(mirror.library, request);

export const compare = (request: ComparisonRequest): Promise<Comparison | undefined> =>
  compareVersions(mirror.library, request);

export const lines = (request: ComparisonRequest): Promise<Lines | undefined> => linesOf(mirror.library, request);

export const statistics = (request: StatisticsRequest): Promise<StatisticsAnswer> => statisticsOf(mirror, request);
