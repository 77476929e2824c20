import { createBoard } from '../src/storage/memory/board.ts';
import { createLocks } from '../src/storage/memory/locks.ts';
import { createSignals } from '../src/storage/memory/signals.ts';
import { boardSuite } from './conformance/board.ts';
import { locksSuite } from './conformance/locks.ts';
import { signalsSuite } from './conformance/signals.ts';

/** In memory there is one process: whoever joins is given the same. */
const one = <T>(create: () => T) => {
  return async () => {
    const it = create();
    return { join: async () => it, close: async () => {} };
  };
};

boardSuite('memory', one(createBoard));
locksSuite('memory', one(createLocks));
signalsSuite('memory', one(createSignals));
