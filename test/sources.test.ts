import { sourceSuite } from './conformance/sources.ts';
import { ecovelo } from './support/dialects/ecovelo.ts';
import { pryv } from './support/dialects/pryv.ts';
import { ridewithgps } from './support/dialects/ridewithgps.ts';
import { ryeV1, ryeV2 } from './support/dialects/rye.ts';
import { tradegecko } from './support/dialects/tradegecko.ts';

for (const dialect of [ridewithgps, tradegecko, ryeV1, ryeV2, pryv, ecovelo]) sourceSuite(dialect);
