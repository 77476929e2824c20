import { mkdtempSync, rmSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createFlush, type Flush } from '../src/storage/sqlite/flush.ts';
import { openMirrorForWriting, prepareMirror } from '../src/storage/sqlite/mirror.ts';

/** The syncs that were begun, each ended by the test. */
const syncs: PromiseWithResolvers<void>[] = [];
vi.mock(import('node:fs/promises'), async (original) => {
  const real = await original();
  const open = async (...args: Parameters<typeof real.open>): Promise<FileHandle> => {
    const handle = await real.open(...args);
    handle.datasync = () => {
      const sync = Promise.withResolvers<void>();
      syncs.push(sync);
      return sync.promise;
    };
    return handle;
  };
  return { ...real, open };
});

let dataDir: string;
let flush: Flush;
let mirror: ReturnType<typeof openMirrorForWriting>;
beforeEach(() => {
  syncs.length = 0;
  dataDir = mkdtempSync(join(tmpdir(), 'slipstream-'));
  prepareMirror(dataDir);
  mirror = openMirrorForWriting(dataDir);
  flush = createFlush(dataDir);
});
afterEach(async () => {
  await flush.close();
  await mirror.close();
  rmSync(dataDir, { recursive: true });
});

test('who asks during a sync waits for another one, which all of them share', async () => {
  const first = flush();
  await vi.waitFor(() => expect(syncs).toHaveLength(1));
  let durable = 0;
  const later = [flush(), flush()].map((each) => each.then(() => (durable += 1)));
  syncs[0]?.resolve();
  await first;
  await vi.waitFor(() => expect(syncs).toHaveLength(2));
  expect(durable).toBe(0);
  syncs[1]?.resolve();
  await Promise.all(later);
  expect(syncs).toHaveLength(2);
});

test('a disk that refuses is told to everybody who waited for it, and the next one tries again', async () => {
  const first = flush();
  await vi.waitFor(() => expect(syncs).toHaveLength(1));
  syncs[0]?.reject(new Error('The disk refuses.'));
  await expect(first).rejects.toThrow('The disk refuses.');
  const second = flush();
  await vi.waitFor(() => expect(syncs).toHaveLength(2));
  syncs[1]?.resolve();
  await second;
});
