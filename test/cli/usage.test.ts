import { afterAll, describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import type { Context } from '../../src/cli/context.ts';
import { nodeIsTooOld } from '../../src/cli/node-version.ts';
import { command } from './in-process.ts';
import { createProgram } from './program.ts';

const program = createProgram();
afterAll(() => program.close());

/** Each with the words that call it: `token create`. */
const VERBS = COMMANDS.map((make) => make({} as Context)).flatMap((made) =>
  made.commands.length === 0 ? [made.name()] : made.commands.map((verb) => `${made.name()} ${verb.name()}`),
);

describe('the command line', () => {
  test('lists every command', async () => {
    const { code, stdout } = await program.run(['--help']);
    expect(code).toBe(0);
    expect(VERBS.length).toBeGreaterThan(25);
    for (const verb of VERBS) expect(stdout).toMatch(new RegExp(`^ {2}${verb.split(' ')[0]}\\b`, 'm'));
  });

  test('each of them explains itself to who starts it', async () => {
    const { code, stdout, stderr } = await program.run(['token', 'create', '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('Usage: slipstream token create');
  });

  // The same without the start of a program for each.
  test.each(VERBS)('%s explains itself, and can answer with JSON', async (verb) => {
    const { code, stdout, stderr } = await command([...verb.split(' '), '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`Usage: slipstream ${verb}`);
    expect(stdout).toMatch(/ --json /);
  });

  test.each([
    ['an unknown command', ['conquer']],
    ['an unknown option', ['status', '--loudly']],
    ['no command at all', []],
    ['a port that is none', ['sandbox', '--port', 'many']],
    ['a missing argument', ['token', 'revoke']],
    ['a ride that is none', ['why', 'conquest']],
    ['neither a dead letter nor all of them', ['replay']],
    ['an answer that does not say what it is about', ['deletions', 'confirm']],
    ['a source that does not exist', ['accounts', 'add', 'conquest']],
    ['a format that does not exist', ['export', '--format', 'doc']],
  ])('%s is wrong use: exit code 2 and a word on how it is used', async (_, args) => {
    const { code, stdout, stderr } = await command(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/--help/);
  });

  test('wrong use is known by its exit code, and prints nothing that a program would read', async () => {
    const { code, stdout, stderr } = await program.run(['status', '--loudly']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/--help/);
  });

  test('a Node that is too old is told so in a sentence', () => {
    expect(nodeIsTooOld('22.19.0')).toMatch(/needs Node 24 or newer, and this is Node 22\.19\.0\..*npm start/);
    expect(nodeIsTooOld('24.0.0')).toBeUndefined();
    expect(nodeIsTooOld('26.1.0')).toBeUndefined();
  });
});
