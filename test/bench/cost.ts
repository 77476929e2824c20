import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Look } from './several.ts';

/** What a stretch of work has taken. */
export interface Cost {
  /** Of a core, by the server's processes. */
  serverSeconds: number;
  /** Of a core, by the programs that were named. */
  programSeconds: number;
  /** Written to the server's log. */
  walBytes: number;
  seconds: number;
}

/** The usual unit of `/proc`. */
const TICKS_A_SECOND = 100;

/** Counts from now on. Processor time is known on Linux alone, and 0 elsewhere. */
export async function watchCost(look: Look, pids: readonly number[]): Promise<() => Promise<Cost>> {
  const [row] = await look.rows<{ folder: string }>("SELECT current_setting('data_directory') AS folder");
  const postmaster = pidIn(row?.folder ?? '');
  const read = async () => ({
    serverSeconds: withChildren(postmaster),
    programSeconds: pids.reduce((sum, pid) => sum + timesOf(pid).own, 0),
    walBytes: await look.one("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')"),
    seconds: performance.now() / 1_000,
  });
  const before = await read();
  return async () => {
    const after = await read();
    return {
      serverSeconds: after.serverSeconds - before.serverSeconds,
      programSeconds: after.programSeconds - before.programSeconds,
      walBytes: after.walBytes - before.walBytes,
      seconds: after.seconds - before.seconds,
    };
  };
}

function pidIn(folder: string): number {
  try {
    return Number(readFileSync(join(folder, 'postmaster.pid'), 'utf8').split('\n')[0]);
  } catch {
    // A server on another machine.
    return 0;
  }
}

/** One that has ended is counted with its parent. */
function withChildren(pid: number): number {
  const { own, ended } = timesOf(pid);
  return childrenOf(pid).reduce((sum, child) => sum + timesOf(child).own, own + ended);
}

function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}

function timesOf(pid: number): { own: number; ended: number } {
  try {
    const [utime = 0, stime = 0, cutime = 0, cstime = 0] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')
      .slice(11, 15)
      .map(Number);
    return { own: (utime + stime) / TICKS_A_SECOND, ended: (cutime + cstime) / TICKS_A_SECOND };
  } catch {
    return { own: 0, ended: 0 };
  }
}
