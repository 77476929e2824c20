import type { Board } from '../board.ts';

/** For one process: nothing outlives it. */
export function createBoard(): Board {
  const values = new Map<string, unknown>();
  const listeners = new Set<(name: string, value: unknown) => void>();
  return {
    get: (name) => values.get(name),
    async put(name, value) {
      if (value === undefined) values.delete(name);
      else values.set(name, value);
      for (const listener of listeners) listener(name, value);
    },
    names: (prefix) => [...values.keys()].filter((name) => name.startsWith(prefix)),
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
