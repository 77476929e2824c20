import type { Signals } from '../signals.ts';

/** For one process. */
export function createSignals(): Signals {
  const onChanged = new Set<(account: string) => void>();
  const onDue = new Set<() => void>();
  return {
    changed(account) {
      for (const listener of onChanged) listener(account);
    },
    due() {
      for (const listener of onDue) listener();
    },
    onChanged(listener) {
      onChanged.add(listener);
      return () => void onChanged.delete(listener);
    },
    onDue(listener) {
      onDue.add(listener);
      return () => void onDue.delete(listener);
    },
  };
}
