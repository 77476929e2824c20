import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { secretKeysIn, writeSecretKeys } from '../src/seal.ts';

/** What somebody else does between the look whether there is a key and the making of one. */
let meanwhile: (() => void) | undefined;
vi.mock(import('node:fs'), async (original) => {
  const real = await original();
  const existsSync: typeof real.existsSync = (path) => {
    const exists = real.existsSync(path);
    meanwhile?.();
    return exists;
  };
  return { ...real, existsSync };
});

let dataDir: string;
beforeEach(() => {
  meanwhile = undefined;
  dataDir = mkdtempSync(join(tmpdir(), 'slipstream-'));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

test('is made at the first start, for its owner alone, and stays', () => {
  const made = secretKeysIn(dataDir);
  expect(made).toEqual([expect.stringMatching(/^[\w-]{43}$/)]);
  expect(statSync(join(dataDir, 'secret.key')).mode & 0o777).toBe(0o600);
  expect(secretKeysIn(dataDir)).toEqual(made);
  expect(readdirSync(dataDir)).toEqual(['secret.key']);
});

test('of two processes that are started together the first one’s stays, and the other one has it too', () => {
  const first = 'the key of the process that was a moment faster';
  meanwhile = () => writeFileSync(join(dataDir, 'secret.key'), `${first}\n`);
  expect(secretKeysIn(dataDir)).toEqual([first]);
  expect(readFileSync(join(dataDir, 'secret.key'), 'utf8')).toBe(`${first}\n`);
  expect(readdirSync(dataDir)).toEqual(['secret.key']);
});

test('is replaced as a whole', () => {
  secretKeysIn(dataDir);
  const keys = ['a new key of many letters', 'and a former one'];
  writeSecretKeys(dataDir, keys);
  expect(secretKeysIn(dataDir)).toEqual(keys);
  expect(statSync(join(dataDir, 'secret.key')).mode & 0o777).toBe(0o600);
  expect(readdirSync(dataDir)).toEqual(['secret.key']);
});
