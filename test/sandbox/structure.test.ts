import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const source = fileURLToPath(new URL('../../src', import.meta.url));
const sandbox = join(source, 'sandbox');

function imports(folder: string): { file: string; target: string }[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  return files.flatMap((file) => {
    const path = join(folder, file);
    const found = readFileSync(path, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g);
    return [...found].map(([, target = '']) => ({ file: relative(source, path), target: resolve(path, '..', target) }));
  });
}

test('the sandbox imports nothing of the rest', () => {
  const own = imports(sandbox);
  expect(own.length).toBeGreaterThan(50);
  expect(own.filter(({ target }) => !target.startsWith(`${sandbox}/`))).toEqual([]);
});

test('nothing but the command line imports the sandbox', () => {
  const all = imports(source).filter(({ file }) => !file.startsWith('sandbox/') && !file.startsWith('cli/'));
  expect(all.filter(({ target }) => target.startsWith(`${sandbox}/`))).toEqual([]);
});
