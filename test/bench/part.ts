import type { Finding } from './findings.ts';
import type { Processes } from './processes.ts';

export interface Circumstances {
  processes: Processes;
  /** A tenth of the work: to see that it runs, not to conclude anything. */
  quick: boolean;
  /** A folder of recordings to measure the disk with, instead of generated rides. */
  tracks: string | undefined;
  /** A line for whoever watches. */
  say: (line: string) => void;
}

/** One of the subjects that are measured: starts what it needs, and stops it. */
export type Part = (circumstances: Circumstances) => Promise<Finding[]>;
