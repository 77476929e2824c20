import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { createGroupCommit } from '../src/storage/sqlite/group-commit.ts';

test('who fails in a shared commit leaves nothing behind, and takes nobody with it', async () => {
  const db = new Sqlite(':memory:');
  db.exec('CREATE TABLE said (word TEXT)');
  const write = createGroupCommit(db);
  const say = (word: string) => db.prepare('INSERT INTO said VALUES (?)').run(word);
  const answers = await Promise.allSettled([
    write(() => say('first')),
    write(() => {
      say('half done');
      throw new Error('no more');
    }),
    write(() => say('last')),
  ]);
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(db.prepare('SELECT word FROM said').pluck().all()).toEqual(['first', 'last']);
  db.close();
});
