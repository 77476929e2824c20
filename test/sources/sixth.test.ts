import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const COPIED = ['src', 'test', 'migrations', 'dist', 'package.json', 'tsconfig.json', 'biome.json', '.gitignore'];

/** The worked example of CONTRIBUTING.md, done: in a copy of the program, and with nothing but what stands there. */
const copy = mkdtempSync(join(tmpdir(), 'slipstream-sixth-'));
afterAll(() => rmSync(copy, { recursive: true, force: true }));
for (const each of COPIED) cpSync(join(ROOT, each), join(copy, each), { recursive: true });
symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));

const document = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8');
const [, section = ''] = /^## A sixth source\n([\s\S]*?)^## /m.exec(document) ?? [];
const files = [...section.matchAll(/^```ts\n\/\/ (\S+)\n([\s\S]*?)^```/gm)].map(([, path = '', text = '']) => ({
  path,
  text,
}));
const patches = [...section.matchAll(/^```diff\n--- (\S+)\n([\s\S]*?)^```/gm)].map(([, path = '', text = '']) => ({
  path,
  text,
}));

for (const { path, text } of files) {
  mkdirSync(dirname(join(copy, path)), { recursive: true });
  writeFileSync(join(copy, path), text);
}
for (const { path, text } of patches) {
  writeFileSync(join(copy, path), patched(readFileSync(join(copy, path), 'utf8'), text));
}

/** Lines with a plus come behind the line before them that has none, which the file has once. */
function patched(file: string, patch: string): string {
  const lines = file.split('\n');
  let at = -1;
  for (const line of patch.trimEnd().split('\n')) {
    if (line.startsWith('+')) {
      at += 1;
      lines.splice(at, 0, line.slice(1));
    } else {
      at = lines.indexOf(line.slice(1));
      if (at === -1 || lines.indexOf(line.slice(1), at + 1) !== -1)
        throw new Error(`CONTRIBUTING.md names a line that is not there once: ${line.slice(1)}`);
    }
  }
  return lines.join('\n');
}

test('is one folder, one line in the list, its name and variables, and a short test', () => {
  expect(files.map(({ path }) => path)).toEqual([
    'src/sources/lantern/webhook.ts',
    'src/sources/lantern/api.ts',
    'src/sources/lantern/index.ts',
    'test/sources/lantern.test.ts',
    'src/sandbox/lantern/index.ts',
    'test/support/dialects/lantern.ts',
  ]);
  expect(patches.map(({ path }) => path)).toEqual(['src/sources/index.ts', 'src/vocabulary.ts', 'src/config.ts']);
});

test('is taken by the compiler and by the formatter as it stands there', async () => {
  const program = { extends: './tsconfig.json', include: [...files, ...patches].map(({ path }) => path) };
  writeFileSync(join(copy, 'tsconfig.sixth.json'), JSON.stringify(program));
  const said = await Promise.all([
    run('tsc', '--noEmit', '-p', 'tsconfig.sixth.json'),
    run('biome', 'ci', '--colors=off', '--vcs-enabled=false', ...program.include),
  ]);
  expect(said).toEqual([expect.objectContaining({ failed: false }), expect.objectContaining({ failed: false })]);
});

const run = (command: string, ...args: string[]) =>
  new Promise<{ failed: boolean; output: string }>((resolve) =>
    execFile(join(copy, 'node_modules/.bin', command), args, { cwd: copy }, (error, stdout, stderr) =>
      resolve({ failed: error !== null, output: stdout + stderr }),
    ),
  );

// Its own short test, in the copy.
await import(join(copy, 'test/sources/lantern.test.ts'));
