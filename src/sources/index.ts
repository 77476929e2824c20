import type { Config } from '../config.ts';
import type { SourceName } from '../vocabulary.ts';
import { createRideWithGps } from './ridewithgps/index.ts';
import type { Source } from './source.ts';

/** The explicit list. A source that is not configured is not in it, and answers 404. */
export function createSources(config: Pick<Config, 'ridewithgps'>): ReadonlyMap<SourceName, Source> {
  const sources = [createRideWithGps(config.ridewithgps)];
  return new Map(sources.map((source) => [source.name, source]));
}
