import { workerData } from 'piscina';
import { type ExportRequest, exportItem } from './export/index.ts';
import { type Comparison, type ComparisonRequest, compareVersions, type Lines, linesOf } from './history/compare.ts';
import { type Step, type StepsRequest, stepsOf } from './history/steps.ts';
import { valueSteps as stepsOfValues, type ValueStep, type ValueStepsRequest } from './history/values.ts';
import { createTileCutter, type TileRequest } from './lines/tiles.ts';
import type { StatisticsAnswer, StatisticsRequest } from './statistics/index.ts';
import { rememberStatistics } from './statistics/remembered.ts';
import { openMirrorForReading, type Where } from './storage/open.ts';
import { closeWhenTold, type Door } from './threads.ts';

/** The entry of each thread that reads: opens the mirror, once, and names what it can be asked. */
const { where, door } = workerData as { where: Where; door: Door };
const mirror = await openMirrorForReading(where);
closeWhenTold(door, mirror.close);

const stores = { library: mirror.library, lines: mirror.lines, records: mirror.records };

export interface Question {
  store: keyof typeof stores;
  method: string;
  args: unknown[];
}

/** A verb of a store; see `storage/sqlite/remote.ts`. */
export function call({ store, method, args }: Question): unknown {
  const target: object = stores[store];
  const verb: unknown = Reflect.get(target, method);
  if (typeof verb !== 'function') throw new Error(`There is no ${store}.${method}.`);
  return Reflect.apply(verb, target, args);
}

/** One tile of the map of everything. */
export const tile: (request: TileRequest) => Promise<Uint8Array> = createTileCutter(mirror.lines);

export const file = (request: ExportRequest): Promise<Buffer | undefined> => exportItem(mirror.library, request);

export const steps = (request: StepsRequest): Promise<Step[]> => stepsOf(mirror.library, request);

export const valueSteps = (request: ValueStepsRequest): Promise<ValueStep[]> => stepsOfValues(mirror.records, request);

export const compare = (request: ComparisonRequest): Promise<Comparison | undefined> =>
  compareVersions(mirror.library, request);

export const lines = (request: ComparisonRequest): Promise<Lines | undefined> => linesOf(mirror.library, request);

export const statistics: (request: StatisticsRequest) => Promise<StatisticsAnswer> = rememberStatistics(mirror);
