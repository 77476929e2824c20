import { afterAll, describe, expect, test } from 'vitest';
import { nodeIsTooOld } from '../../src/cli/node-version.ts';
import { createProgram } from './program.ts';

const program = createProgram();
afterAll(() => program.close());

const COMMANDS = [
  'serve',
  'demo',
  'sandbox',
  'doctor',
  'status',
  'accounts list',
  'accounts add',
  'accounts remove',
  'accounts set-up',
  'records',
  'why',
  'login-link',
  'reconcile',
  'audit',
  'dead-letters',
  'replay',
  'dismiss',
  'deletions list',
  'deletions confirm',
  'deletions refuse',
  'export',
  'backup',
  'restore',
  'migrate',
  'rotate-key',
  'token create',
  'token list',
  'token revoke',
];

describe('the command line', () => {
  test('lists every command', async () => {
    const { code, stdout } = await program.run(['--help']);
    expect(code).toBe(0);
    for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^ {2}${command.split(' ')[0]}\\b`, 'm'));
  });

  test.each(COMMANDS)('%s explains itself, and can answer with JSON', async (command) => {
    const { code, stdout, stderr } = await program.run([...command.split(' '), '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`Usage: slipstream ${command}`);
    expect(stdout).toContain('--json');
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
    const { code, stdout, stderr } = await program.run(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/--help/);
  });

  test('a Node that is too old is told so in a sentence', () => {
    expect(nodeIsTooOld('22.19.0')).toMatch(/needs Node 24 or newer, and this is Node 22\.19\.0\..*npm start/);
    expect(nodeIsTooOld('24.0.0')).toBeUndefined();
    expect(nodeIsTooOld('26.1.0')).toBeUndefined();
  });
});
