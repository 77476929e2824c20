/** Ends a process's life at the n-th write, before it or right after: what a kill between two commits looks like from inside. */
export interface Fuse {
  /** The n-th write from now is the last one that happens, or the first one that does not. */
  burnAt(write: number, side: 'before' | 'after'): void;
  readonly blown: boolean;
  /** Nothing gets through any more. */
  blow(): void;
  /** A store, and which of its calls are writes. */
  guard<Store extends object>(store: Store, isWrite: (method: keyof Store, args: unknown[]) => boolean): Store;
}

class Killed extends Error {
  override name = 'Killed';
}

export function createFuse(): Fuse {
  let left = Number.POSITIVE_INFINITY;
  let last: 'before' | 'after' = 'before';
  let blown = false;

  function live(): void {
    if (blown) throw new Killed();
  }

  /** @returns whether the life ends right after this write. */
  function count(): boolean {
    live();
    left -= 1;
    if (left > 0) return false;
    if (last === 'before') blown = true;
    live();
    return true;
  }

  function ended(): never {
    blown = true;
    throw new Killed();
  }

  return {
    burnAt(write, side) {
      left = write;
      last = side;
    },
    get blown() {
      return blown;
    },
    blow() {
      blown = true;
    },
    guard: (store, isWrite) =>
      new Proxy(store, {
        get(target, name) {
          const method: unknown = Reflect.get(target, name);
          if (typeof method !== 'function') return method;
          return (...args: unknown[]) => {
            const ends = isWrite(name as keyof typeof store, args) ? count() : live();
            const answer: unknown = Reflect.apply(method, target, args);
            if (!ends) return answer;
            return answer instanceof Promise ? answer.then(ended) : ended();
          };
        },
      }),
  };
}
