import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Question, Reply } from './answer.ts';

/** A program of its own that answers questions; see `answer.ts` for its side. */
export interface Child {
  pid: number;
  ask<Value>(verb: string, argument?: unknown): Promise<Value>;
  /** Asks it to close what it opened, and ends it where it does not. */
  stop(): Promise<void>;
}

export interface Processes {
  /** Starts one of the programs in this folder. */
  start(file: URL, environment?: Record<string, string>): Promise<Child>;
  /** A new temporary folder. */
  folder(): string;
  /** Ends every child and removes every folder, at once: also what Ctrl-C does. */
  close(): void;
}

/** Time for a child to close in order. */
const PATIENCE_MS = 15_000;

/** Keeps account of what a run leaves behind, so that nothing is left. */
export function createProcesses(): Processes {
  const children = new Set<ChildProcess>();
  const folders = new Set<string>();

  return {
    async start(file, environment = {}) {
      const child = fork(file, [], {
        env: { ...process.env, ...environment },
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      });
      children.add(child);
      child.once('exit', () => children.delete(child));
      const conversation = converse(child);
      await conversation.ask('ready');
      return { pid: child.pid ?? 0, ask: conversation.ask, stop: () => stop(child) };
    },
    folder() {
      const path = mkdtempSync(join(tmpdir(), 'slipstream-bench-'));
      folders.add(path);
      return path;
    },
    close() {
      for (const child of children) child.kill('SIGKILL');
      for (const path of folders) rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
      folders.clear();
    },
  };
}

function converse(child: ChildProcess) {
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  let asked = 0;
  child.on('message', (reply: Reply) => {
    const entry = waiting.get(reply.id);
    waiting.delete(reply.id);
    if (reply.error === undefined) entry?.resolve(reply.value as never);
    else entry?.reject(new Error(reply.error));
  });
  child.once('exit', (code, signal) => {
    for (const { reject } of waiting.values())
      reject(new Error(`${child.spawnargs.at(-1)} ended (${code ?? signal}).`));
    waiting.clear();
  });
  return {
    ask<Value>(verb: string, argument?: unknown): Promise<Value> {
      const question: Question = { id: asked++, verb, argument };
      return new Promise<Value>((resolve, reject) => {
        waiting.set(question.id, { resolve, reject });
        child.send(question, (error) => {
          if (error) reject(error);
        });
      });
    },
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  child.disconnect();
  await exited;
  clearTimeout(timer);
}
