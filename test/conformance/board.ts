import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Board } from '../../src/storage/board.ts';
import { until } from '../support/until.ts';

/**
 * What every board must do, whatever it is made of.
 *
 * @param open An empty one; each `join` is a process that joins and sees it.
 */
export function boardSuite(
  name: string,
  open: () => Promise<{ join(): Promise<Board>; close(): Promise<void> }>,
): void {
  describe(`The board in ${name}`, () => {
    let shared: Awaited<ReturnType<typeof open>>;
    let mine: Board;
    let theirs: Board;
    beforeEach(async () => {
      shared = await open();
      mine = await shared.join();
      theirs = await shared.join();
    });
    afterEach(() => shared.close());

    test('shows what was put to whoever put it at once, and to everybody else', async () => {
      const value = { failures: 3, retryAt: 1.5, account: 'ä 1', list: [null, true] };
      const put = mine.put('circuit rye', value);
      expect(mine.get('circuit rye')).toEqual(value);
      await put;
      await until(() => theirs.get('circuit rye') !== undefined);
      expect(theirs.get('circuit rye')).toEqual(value);
    });

    test('is known to who joins later', async () => {
      await mine.put('set-up rye', 1_700_000_000_000);
      await mine.put('set-up pryv', 1);
      await mine.put('set-up pryv', undefined);
      const newcomer = await shared.join();
      expect(newcomer.get('set-up rye')).toBe(1_700_000_000_000);
      expect(newcomer.names('')).toEqual(['set-up rye']);
    });

    test('replaces a value as a whole, and forgets what is removed', async () => {
      await mine.put('trouble', { since: 1, reason: 'It did not answer.' });
      await theirs.put('trouble', { since: 2 });
      await until(() => JSON.stringify(mine.get('trouble')) === '{"since":2}');
      await mine.put('trouble', undefined);
      expect(mine.get('trouble')).toBeUndefined();
      await until(() => theirs.get('trouble') === undefined);
      expect(theirs.names('')).toEqual([]);
    });

    test('keeps the order of one who does not wait', async () => {
      const puts = Array.from({ length: 20 }, (_, n) => mine.put('n', n));
      expect(mine.get('n')).toBe(19);
      await Promise.all([...puts, mine.put('end', true)]);
      await until(() => theirs.get('end') === true);
      expect([mine.get('n'), theirs.get('n'), (await shared.join()).get('n')]).toEqual([19, 19, 19]);
    });

    test('names what begins alike, signs and all', async () => {
      for (const each of ['a%b 1', 'a%b 2', 'axb 3', "it's"]) await mine.put(each, 0);
      await until(() => theirs.names('').length === 4);
      for (const board of [mine, theirs]) expect(board.names('a%b ').toSorted()).toEqual(['a%b 1', 'a%b 2']);
    });

    test('tells of changes by anybody, until nobody listens any more', async () => {
      const heard: [string, unknown][] = [];
      const off = mine.onChange((...change) => heard.push(change));
      await mine.put('own', 1);
      await theirs.put('other', 2);
      await until(() => heard.some(([of]) => of === 'other'));
      await theirs.put('other', undefined);
      await until(() => heard.some(([of, value]) => of === 'other' && value === undefined));
      expect(heard).toContainEqual(['own', 1]);
      expect(heard).toContainEqual(['other', 2]);
      off();
      const before = heard.length;
      await theirs.put('later', 3);
      await until(() => mine.get('later') === 3);
      expect(heard).toHaveLength(before);
    });
  });
}
