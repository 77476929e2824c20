import type { Config } from '../config.ts';
import type { Seal } from '../seal.ts';
import type { SourceName } from '../vocabulary.ts';
import { createRideWithGps } from './ridewithgps/index.ts';
import { createRye } from './rye/index.ts';
import type { Source } from './source.ts';

export type SourcesConfig = Pick<Config, 'ridewithgps'> & Partial<Pick<Config, 'tradegecko' | 'rye' | 'ecovelo'>>;

/**
 * The explicit list. A source that is not configured is not in it, and answers 404.
 *
 * @param keys For secrets that are derived instead of stored.
 */
export function createSources(config: SourcesConfig, _keys: Pick<Seal, 'subKeys'>): ReadonlyMap<SourceName, Source> {
  const sources: Source[] = [createRideWithGps(config.ridewithgps)];
  if (config.rye) sources.push(createRye(config.rye));
  return new Map(sources.map((source) => [source.name, source]));
}
