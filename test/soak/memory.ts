import { median } from '../bench/measure.ts';

const EVERY_MS = 100;

/** Megabytes: the medians of the first and the last third of the time, and the most there was. */
export interface Memory {
  first: number;
  last: number;
  most: number;
}

/** Looks at the memory of a process until it is stopped. */
export function watchMemory(resident: () => number): { stop(): Memory } {
  const samples = [resident()];
  const timer = setInterval(() => samples.push(resident()), EVERY_MS);
  return {
    stop() {
      clearInterval(timer);
      const third = Math.ceil(samples.length / 3);
      return {
        first: median(samples.slice(0, third)),
        last: median(samples.slice(-third)),
        most: Math.max(...samples),
      };
    },
  };
}
