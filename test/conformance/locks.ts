import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Locks } from '../../src/storage/locks.ts';

/**
 * What all locks must do, whatever they are made of.
 *
 * @param open Each `join` is a process that joins.
 */
export function locksSuite(
  name: string,
  open: () => Promise<{ join(): Promise<Locks>; close(): Promise<void> }>,
): void {
  describe(`The locks in ${name}`, () => {
    let shared: Awaited<ReturnType<typeof open>>;
    let mine: Locks;
    let theirs: Locks;
    beforeEach(async () => {
      shared = await open();
      mine = await shared.join();
      theirs = await shared.join();
    });
    afterEach(() => shared.close());

    test('let one at a time do what has the same name, wherever', async () => {
      let inside = 0;
      let most = 0;
      const work = async () => {
        inside += 1;
        most = Math.max(most, inside);
        await new Promise((resolve) => setTimeout(resolve, 5));
        inside -= 1;
      };
      const all = Array.from({ length: 10 }, (_, n) => (n % 2 === 0 ? mine : theirs).hold('token rye 1', work));
      await Promise.all(all);
      expect([most, inside]).toEqual([1, 0]);
    });

    test('keep the order of those of one process', async () => {
      const done: number[] = [];
      await Promise.all(Array.from({ length: 8 }, (_, n) => mine.hold('one', async () => void done.push(n))));
      expect(done).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    });

    test('keep nobody from what has another name', async () => {
      const answer = await mine.hold('one', () =>
        theirs.hold('other', () => mine.hold('third', async () => 'through')),
      );
      expect(answer).toBe('through');
    });

    test('hand on what the work came to, and are free again after what failed', async () => {
      const failing = mine.hold('one', () => Promise.reject(new Error('It failed.')));
      const after = theirs.hold('one', async () => 'next');
      await expect(failing).rejects.toThrow('It failed.');
      expect(await after).toBe('next');
      expect(await mine.hold('one', async () => 'and again')).toBe('and again');
    });
  });
}
