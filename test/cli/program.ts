import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '../../src/config.ts';

const MAIN = join(import.meta.dirname, '../../src/main.ts');
/** No child outlives a test, unless the test takes longer and says so. */
const BOUND_MS = 55_000;

export interface Ran {
  /** The exit code, or the signal that ended it. */
  code: number | NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface Running {
  pid: number;
  stdout(): string;
  stderr(): string;
  /** Waits until either stream has it. @throws Error with all it said when it ends before or takes too long. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
  signal(name: NodeJS.Signals): void;
  ended: Promise<Ran>;
}

/** The real program, as somebody would start it, in an empty folder and an environment with nothing else in it. */
export function createProgram(boundMs = BOUND_MS) {
  const folder = mkdtempSync(join(tmpdir(), 'slipstream-cli-'));
  const children = new Set<ChildProcess>();

  /** `under`: a command that starts the program in its own way, such as without some right. */
  function start(args: readonly string[], environment: Environment = {}, under: readonly string[] = []): Running {
    const { PATH, HOME, NODE_COMPILE_CACHE } = process.env;
    const [command = process.execPath, ...rest] = [...under, process.execPath, MAIN, ...args];
    const child = spawn(command, rest, {
      cwd: folder,
      // Compiling all of it for each of two hundred starts would take most of their time.
      env: { PATH, HOME, NODE_COMPILE_CACHE, DATA_DIR: join(folder, 'data'), ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.add(child);
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    const ended = new Promise<Ran>((resolve, reject) => {
      const timer = setTimeout(() => child.kill('SIGKILL'), boundMs);
      child.once('error', reject);
      child.once('close', (code, signal) => {
        clearTimeout(timer);
        children.delete(child);
        resolve({ code: code ?? signal, stdout, stderr });
      });
    });

    async function until(pattern: RegExp): Promise<RegExpExecArray> {
      let over = false;
      void ended.then(() => {
        over = true;
      });
      for (const limit = Date.now() + boundMs; Date.now() < limit; ) {
        const found = pattern.exec(stdout) ?? pattern.exec(stderr);
        if (found) return found;
        if (over) break;
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
      throw new Error(`It never said ${pattern}. It said:\n${stdout}\n${stderr}`);
    }

    return {
      pid: child.pid ?? 0,
      stdout: () => stdout,
      stderr: () => stderr,
      until,
      signal: (name) => void child.kill(name),
      ended,
    };
  }

  return {
    folder,
    start,
    run: (args: readonly string[], environment?: Environment, under?: readonly string[]): Promise<Ran> =>
      start(args, environment, under).ended,
    close(): void {
      for (const child of children) child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export type Program = ReturnType<typeof createProgram>;
