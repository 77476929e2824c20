import { describe } from 'vitest';
import { photosSuite } from '../conformance/photos.ts';
import { recordsSuite } from '../conformance/records.ts';
import { sessionsSuite } from '../conformance/sessions.ts';
import { statisticsSuite } from '../conformance/statistics.ts';
import { photosBesideSuite } from './photos-beside.ts';
import { twoMirrors } from './two-mirrors.ts';

const { both, open, forget } = twoMirrors();

recordsSuite('PostgreSQL', open, forget);
sessionsSuite('PostgreSQL', open, forget);
statisticsSuite('PostgreSQL', open, forget);
photosSuite('PostgreSQL', open, forget, {
  lose: async (hash) => void (await both().db.run('DELETE FROM picture_bytes WHERE hash = @hash', { hash })),
});
describe('photos of several processes', () => photosBesideSuite(both, forget));
