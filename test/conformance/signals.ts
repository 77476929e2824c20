import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Signals } from '../../src/storage/signals.ts';
import { until } from '../support/until.ts';

/**
 * What all signals must do, whatever carries them.
 *
 * @param open Each `join` is a process that joins.
 */
export function signalsSuite(
  name: string,
  open: () => Promise<{ join(): Promise<Signals>; close(): Promise<void> }>,
): void {
  describe(`The signals in ${name}`, () => {
    let shared: Awaited<ReturnType<typeof open>>;
    let mine: Signals;
    let theirs: Signals;
    beforeEach(async () => {
      shared = await open();
      mine = await shared.join();
      theirs = await shared.join();
    });
    afterEach(() => shared.close());

    test('are heard at once where they are given, and by everybody else', async () => {
      const heard: string[] = [];
      mine.onChanged((account) => heard.push(`mine ${account}`));
      theirs.onChanged((account) => heard.push(`theirs ${account}`));
      mine.onDue(() => heard.push('mine'));
      theirs.onDue(() => heard.push('theirs'));
      mine.changed('Zoë’s 1');
      expect(heard).toContain('mine Zoë’s 1');
      mine.due();
      expect(heard).toContain('mine');
      await until(() => heard.includes('theirs Zoë’s 1') && heard.includes('theirs'));
    });

    test('tell every listener, until it does not want to know any more', async () => {
      const heard: string[] = [];
      const off = [mine.onChanged(() => heard.push('first')), mine.onDue(() => heard.push('due'))];
      mine.onChanged(() => heard.push('second'));
      for (const end of off) end();
      theirs.changed('1');
      theirs.due();
      await until(() => heard.includes('second'));
      expect(new Set(heard)).toEqual(new Set(['second']));
    });
  });
}
