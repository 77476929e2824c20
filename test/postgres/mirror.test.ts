import { describe, expect, test } from 'vitest';
import { migrationsIn } from '../../src/storage/migrations.ts';
import { mirrorSuite } from '../conformance/mirror.ts';
import { besideSuite } from './beside.ts';
import { twoMirrors } from './two-mirrors.ts';

const { both, open, forget } = twoMirrors();

mirrorSuite('PostgreSQL', open, forget);
describe('beside each other', () => besideSuite(() => ({ ...both(), forget })));

test('what SQLite has learnt for the mirror, PostgreSQL has learnt under the same number and name', () => {
  const learnt = (dialect: 'sqlite' | 'postgres') =>
    migrationsIn(dialect).flatMap(({ number, name, database }) => (database === 'mirror' ? [`${number} ${name}`] : []));
  expect(learnt('postgres')).toEqual(expect.arrayContaining(learnt('sqlite')));
  expect(learnt('sqlite').length).toBeGreaterThan(5);
});
