import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../src');
const FILES = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

interface Import {
  from: string;
  to: string;
  type: boolean;
}

/** Every import between the project's own files, by paths within `src`. */
const IMPORTS: Import[] = FILES.flatMap((file) => {
  const text = readFileSync(join(ROOT, file), 'utf8');
  return [...text.matchAll(/^(?:import|export)\s+(type\s)?[^;]*?from\s+'(\.[^']+)'/gms)].map(([, type, path = '']) => ({
    from: file,
    to: relative(ROOT, join(ROOT, dirname(file), path)),
    type: type !== undefined,
  }));
});

const under = (folder: string) => (path: string) => path.startsWith(`${folder}/`);
const forbidden = (from: (path: string) => boolean, to: (path: string) => boolean, typesToo = true) =>
  IMPORTS.filter((each) => from(each.from) && to(each.to) && (typesToo || !each.type)).map(
    ({ from: a, to: b }) => `${a} → ${b}`,
  );

test('this test sees the project', () => {
  expect(FILES.length).toBeGreaterThan(80);
  expect(IMPORTS.length).toBeGreaterThan(250);
});

test('what is imported exists', () => {
  const known = new Set([...FILES, 'web/client/styles.css']);
  expect(IMPORTS.map(({ to }) => to).filter((to) => to.endsWith('.ts') && !known.has(to))).toEqual([]);
});

test('sources import no storage, but for the shapes of what they describe', () => {
  expect(forbidden(under('sources'), under('storage'), false)).toEqual([]);
  expect(forbidden(under('sources'), under('storage/sqlite'))).toEqual([]);
});

test('storage imports no source, no page and nothing of the path', () => {
  const allowed = ['vocabulary.ts'];
  expect(forbidden(under('storage'), (to) => !under('storage')(to) && !allowed.includes(to))).toEqual([]);
});

test('what runs in a worker, or asks for what one finds, knows neither the dispatcher nor the pool', () => {
  const path = ['worker.ts', 'mirror.ts', 'reconcile.ts', 'audit.ts', 'silence.ts', 'tokens.ts', 'worker-thread.ts'];
  expect(path.filter((file) => !FILES.includes(file))).toEqual([]);
  const above = ['dispatch.ts', 'pool.ts'];
  expect(
    forbidden(
      (from) => path.includes(from),
      (to) => above.includes(to),
      false,
    ),
  ).toEqual([]);
});

const THREADS = ['worker-thread.ts', 'reader-thread.ts'];

test('only the composition roots and the command line know which storage there is', () => {
  const from = (path: string) => !under('app')(path) && !under('cli')(path) && !under('storage')(path);
  expect(forbidden(from, under('storage/sqlite'))).toEqual([]);
  expect(forbidden(from, under('storage/memory'))).toEqual([]);
  const chooses = (path: string) => from(path) && !THREADS.includes(path);
  expect(forbidden(chooses, (to) => to === 'storage/open.ts', false)).toEqual([]);
});

test('which storage it is, is chosen where one is opened, and nowhere else', () => {
  const opened = (to: string) => /^storage\/(sqlite|postgres)\/(inbox|mirror|store)\.ts$/.test(to);
  expect(forbidden((from) => !under('storage')(from), opened)).toEqual([]);
  for (const root of ['app/foundations.ts', ...THREADS])
    expect(
      forbidden(
        (from) => from === root,
        (to) => to === 'storage/open.ts',
      ),
    ).toHaveLength(1);
});

test('pages import no storage but its shapes, and nothing of the path', () => {
  expect(
    forbidden(under('web'), (to) => !under('web')(to), false).filter((arrow) => !arrow.endsWith('→ vocabulary.ts')),
  ).toEqual([]);
});

test('the sandbox imports nothing of the rest, and only the command line imports it', () => {
  expect(forbidden(under('sandbox'), (to) => !under('sandbox')(to))).toEqual([]);
  expect(forbidden((from) => !under('sandbox')(from) && !under('cli')(from), under('sandbox'))).toEqual([]);
});

test('main knows only the command line, and nothing imports main, the command line or the app from below', () => {
  expect(
    forbidden(
      (from) => from === 'main.ts',
      (to) => !under('cli')(to),
    ),
  ).toEqual([]);
  expect(
    forbidden(
      (from) => from !== 'main.ts' && !under('cli')(from),
      (to) => under('cli')(to) || to === 'app.ts' || to === 'main.ts',
    ),
  ).toEqual([]);
});

test('only the configuration reads the environment, and the entry hands it over', () => {
  const readers = FILES.filter((file) => /process\.env\b/.test(readFileSync(join(ROOT, file), 'utf8')));
  expect(readers.filter((file) => file !== 'main.ts' && !under('cli')(file))).toEqual([]);
});
