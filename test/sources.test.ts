import { sourceSuite } from './conformance/sources.ts';
import { ridewithgps } from './support/dialects/ridewithgps.ts';

for (const dialect of [ridewithgps]) sourceSuite(dialect);
