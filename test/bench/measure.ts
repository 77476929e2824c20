import { execFileSync } from 'node:child_process';
import { closeSync, fdatasyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';

/** @param share - 0.5 for the median. @returns 0 of nothing. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** Resident memory of a process with all its threads, megabytes: the most it ever was where the system says so. */
export function residentMb(pid: number, which: 'now' | 'peak'): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const line = which === 'now' ? /^VmRSS:\s+(\d+)/m : /^VmHWM:\s+(\d+)/m;
    return Number(line.exec(status)?.[1] ?? 0) / 1_024;
  } catch {
    // Not Linux: what `ps` shows at this moment.
    return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1_024;
  }
}

/** What the disk takes at present to have 4 KB on the platter, milliseconds: the floor under every commit. */
export function syncMs(folder: string): number {
  const file = openSync(join(folder, 'sync'), 'w');
  const block = Buffer.alloc(4_096);
  const times = Array.from({ length: 100 }, (_, index) => {
    const began = performance.now();
    writeSync(file, block, 0, block.length, (index % 10) * block.length);
    fdatasyncSync(file);
    return performance.now() - began;
  });
  closeSync(file);
  return median(times);
}

/** How long this process's event loop stood still, milliseconds; call the answer to read it and begin again. */
export function watchLoop(): () => { p99: number; longest: number } {
  const delay = monitorEventLoopDelay({ resolution: 2 });
  delay.enable();
  return () => {
    const [p99, longest] = [delay.percentile(99) / 1e6, delay.max / 1e6];
    delay.reset();
    return { p99, longest };
  };
}

/** Appends 4 KB and syncs them, again and again, until it is told to stop: what the disk alone makes anybody wait meanwhile. */
export function watchDisk(folder: string): () => Promise<number[]> {
  const waits: number[] = [];
  const stopped = new AbortController();
  const watching = watch().catch((error: unknown) => {
    if (!stopped.signal.aborted) throw error;
  });

  async function watch(): Promise<void> {
    await using file = await open(join(folder, 'watched'), 'a');
    const block = Buffer.alloc(4_096);
    while (!stopped.signal.aborted) {
      const began = performance.now();
      await file.write(block);
      await file.sync();
      waits.push(performance.now() - began);
      await pause(50, undefined, { signal: stopped.signal });
    }
  }

  return async () => {
    stopped.abort();
    await watching;
    return waits;
  };
}
