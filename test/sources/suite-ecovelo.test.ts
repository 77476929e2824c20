import { sourceSuite } from '../conformance/sources.ts';
import { ecovelo } from '../support/dialects/ecovelo.ts';

sourceSuite(ecovelo);
