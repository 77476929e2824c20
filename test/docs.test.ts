import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { parseEnv } from 'node:util';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import manifest from '../package.json' with { type: 'json' };
import { COMMANDS } from '../src/cli/commands.ts';
import type { Context } from '../src/cli/context.ts';
import { readConfig } from '../src/config.ts';

const ROOT = join(import.meta.dirname, '..');
const textOf = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const DOCUMENTS = ['', 'docs/'].flatMap((folder) =>
  readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}${name}`),
);
const matches = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, found = '']) => found);

/** Text between fences is no prose: a `#` there is a comment, and brackets are no links. */
const proseOf = (path: string): string => textOf(path).replace(/^ *```[\s\S]*?^ *```/gm, '');

describe('.env.example', () => {
  const example = textOf('.env.example');
  const shown = matches(example, /^# ([A-Z][A-Z0-9_]*)=/gm);
  const schema = /^const schema = z\.object\(\{\n([\s\S]*?)^\}\);/m.exec(textOf('src/config.ts'))?.[1] ?? '';
  const known = matches(schema, /^ {2}([A-Z][A-Z0-9_]*): /gm);
  const ofCompose = ['compose.yaml', 'compose.postgres.yaml'].flatMap((file) =>
    matches(textOf(file), /\$\{([A-Z_]+)/g),
  );

  test('names every variable that the program reads, and each once', () => {
    expect(known.length).toBeGreaterThan(20);
    expect(shown.filter((name) => known.includes(name)).toSorted()).toEqual(known.toSorted());
  });

  test('names nothing else but what the Compose files ask for', () => {
    const others = shown.filter((name) => !known.includes(name));
    const asked = new Set(ofCompose.filter((name) => !known.includes(name)));
    expect(others.toSorted()).toEqual([...asked].toSorted());
  });

  test('changes nothing when it is copied as it is', () => {
    expect(parseEnv(example)).toEqual({});
  });

  test('shows the defaults that are true', () => {
    const taken = parseEnv(example.replace(/^# (?=[A-Z][A-Z0-9_]*=)/gm, ''));
    expect(Object.keys(taken).toSorted()).toEqual(shown.toSorted());
    expect(readConfig(taken)).toEqual({ ...readConfig({}), portIsSet: true });
    // A default that is written in the program is written here too, not left out.
    const written = known.filter((name) =>
      new RegExp(`^ {2}${name}: (?:(?!^ {2}[A-Z])[\\s\\S])*?\\.default\\(['\\d\\w]`, 'm').test(schema),
    );
    expect(written.length).toBeGreaterThan(10);
    const left = written.filter((name) => !taken[name] && name !== 'WORKER_THREADS');
    expect(left).toEqual([]);
  });

  test('is what the README speaks of', () => {
    const spoken = new Set(matches(textOf('README.md'), /`([A-Z]+(?:_[A-Z]+)+|PORT|HOST|SIGNUP)\b[^`]*`/g));
    const real = new Set([...known, ...ofCompose, 'CHROME_PATH']);
    expect([...spoken].filter((name) => !real.has(name))).toEqual([]);
    expect(known.filter((name) => !spoken.has(name))).toEqual([]);
  });
});

describe('the documents', () => {
  test('have relative links that lead to a file, and anchors that lead to a heading', () => {
    const links = DOCUMENTS.flatMap((from) =>
      matches(proseOf(from), /(?:\]\(|src=")([^)"\s]+)/g).map((to) => ({ from, to })),
    ).filter(({ to }) => !/^[a-z]+:/.test(to));
    expect(links.length).toBeGreaterThan(60);
    expect(links.filter(({ from, to }) => !leadsSomewhere(from, to))).toEqual([]);
  });

  test('name no file that does not exist', () => {
    const named = DOCUMENTS.flatMap((from) =>
      matches(proseOf(from), /`((?:src|test|docs|migrations)\/[\w./-]+|[\w-]+\.(?:ts|yaml))`/g),
    ).filter((path) => !path.includes('NNNN'));
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((path) => !existsSync(join(ROOT, path)) && !existsSync(join(ROOT, 'src', path)))).toEqual([]);
  });

  test('name only scripts of package.json', () => {
    const named = DOCUMENTS.flatMap((from) => matches(textOf(from), /\bnpm run (?:--silent )?([\w-]+)/g));
    expect(named).toContain('demo');
    expect(named.filter((name) => !(name in manifest.scripts))).toEqual([]);
  });

  test('name only commands that there are, and the README names each of them', () => {
    const context = {} as Context;
    const names = COMMANDS.map((make) => make(context).name());
    const text = DOCUMENTS.map(textOf).join('\n');
    const called = matches(text, /(?:slipstream --|src\/main\.ts) ([a-z-]+)/g);
    expect(called).toContain('doctor');
    expect(called.filter((name) => !names.includes(name))).toEqual([]);
    const readme = textOf('README.md');
    expect(names.filter((name) => !new RegExp(`\`${name}[ \`]`).test(readme))).toEqual([]);
  });

  test('have pictures that load quickly', () => {
    const pictures = matches(textOf('README.md'), /(docs\/[\w-]+\.png)/g);
    expect(pictures.length).toBeGreaterThan(0);
    expect(pictures.filter((path) => readFileSync(join(ROOT, path)).length > 300_000)).toEqual([]);
  });

  test('have a map with every file and folder of src', () => {
    const [, map = ''] = /^```\n(src\/[\s\S]*?)^```/m.exec(textOf('CONTRIBUTING.md')) ?? [];
    const missing = readdirSync(join(ROOT, 'src')).filter((name) => !map.includes(name));
    expect(missing).toEqual([]);
  });
});

describe('the container', () => {
  const sent = matches(textOf('.dockerignore'), /^!(.+)$/gm);
  const copied = matches(textOf('Dockerfile'), /^COPY (?!--from)(.+) \S+$/gm).flatMap((paths) => paths.split(' '));

  test('copies only what exists and what is sent to it', () => {
    expect(copied).toContain('src');
    expect([...copied, ...sent].filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
    expect([...new Set(copied)].toSorted()).toEqual(sent.toSorted());
  });

  test('has what the programs in it import', () => {
    const outside = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .flatMap((name) => {
        const path = join('src', name);
        const imported = matches(textOf(path), /(?:from|import\() ?'(\.[^']+)'|$^/gm);
        return imported.map((to) => relative(ROOT, join(ROOT, dirname(path), to)));
      })
      .filter((path) => path !== '' && !path.startsWith('src/'));
    expect(outside).toContain('package.json');
    expect(outside.filter((path) => !sent.includes(path))).toEqual([]);
  });

  test('is described by a Compose file that can be read, and keeps its rights small', () => {
    const { services, volumes } = parse(textOf('compose.yaml'));
    expect(services.slipstream).toMatchObject({ read_only: true, init: true, cap_drop: ['ALL'] });
    expect(services.slipstream).not.toHaveProperty('ports');
    expect(services.slipstream.environment.TRUST_PROXY).toBe('1');
    const mounted: string[] = Object.values<{ volumes: string[] }>(services).flatMap((service) => service.volumes);
    for (const [from = ''] of mounted.map((mount) => mount.split(':'))) {
      expect(from.startsWith('./') ? existsSync(join(ROOT, from)) : from in volumes, from).toBe(true);
    }
  });

  test('is configured so that it starts', () => {
    const { services } = parse(textOf('compose.yaml'));
    const given: Record<string, string> = Object.fromEntries(
      Object.entries<string>(services.slipstream.environment).map(([name, value]) => [
        name,
        value.replace(/\$\{[^}]*\}/, 'rides.example.org'),
      ]),
    );
    expect(readConfig(given)).toMatchObject({
      host: '0.0.0.0',
      publicUrl: 'https://rides.example.org',
      dataDir: '/data',
      trustProxy: 1,
    });
  });
});

function leadsSomewhere(from: string, to: string): boolean {
  const [path = '', anchor] = to.split('#');
  const file = path === '' ? from : join(dirname(from), path);
  if (!existsSync(join(ROOT, file))) return false;
  return anchor === undefined || anchorsIn(file).includes(anchor);
}

/** As GitHub makes them: lower case, without punctuation, with hyphens for spaces. */
function anchorsIn(file: string): string[] {
  return matches(proseOf(file), /^#{1,6} (.+)$/gm).map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} -]/gu, '')
      .replaceAll(' ', '-'),
  );
}
