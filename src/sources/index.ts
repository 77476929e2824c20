import type { Config } from '../config.ts';
import type { Seal } from '../seal.ts';
import { SOURCES, type SourceName } from '../vocabulary.ts';
import { createEcovelo } from './ecovelo/index.ts';
import { createPryv } from './pryv/index.ts';
import { createRideWithGps } from './ridewithgps/index.ts';
import { createRye } from './rye/index.ts';
import type { Source } from './source.ts';
import { createTradeGecko } from './tradegecko/index.ts';

export type SourcesConfig = Pick<Config, 'ridewithgps'> & Partial<Config>;

/** For secrets that are derived instead of stored. */
type Keys = Pick<Seal, 'subKeys'>;

/** The explicit list: how each source is made of its settings; of none where it is not configured. */
const LIST: Record<SourceName, (config: SourcesConfig, keys: Keys) => Source | undefined> = {
  ridewithgps: ({ ridewithgps }) => createRideWithGps(ridewithgps),
  tradegecko: ({ tradegecko }) => tradegecko && createTradeGecko(tradegecko),
  rye: ({ rye }) => rye && createRye(rye),
  pryv: (_config, keys) => createPryv(keys),
  ecovelo: ({ ecovelo }) => ecovelo && createEcovelo(ecovelo),
};

/** What is configured. A source that is not answers 404. */
export function createSources(config: SourcesConfig, keys: Keys): ReadonlyMap<SourceName, Source> {
  const sources = SOURCES.flatMap((name) => LIST[name](config, keys) ?? []);
  return new Map(sources.map((source) => [source.name, source]));
}
