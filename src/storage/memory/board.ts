import type { Board } from '../board.ts';

/** For one process: nothing outlives it. */
export function createBoard(): Board {
  const values = new Map<string, unknown>();
  const listeners = new Set<(name: string, value: unknown) => void>();

  async function put(name: string, value: unknown): Promise<void> {
    if (value === undefined) values.delete(name);
    else values.set(name, value);
    for (const listener of listeners) listener(name, value);
  }

  return {
    get: (name) => values.get(name),
    put,
    async offer(name, value) {
      if (!values.has(name)) await put(name, value);
      return values.get(name);
    },
    names: (prefix) => [...values.keys()].filter((name) => name.startsWith(prefix)),
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
