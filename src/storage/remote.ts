/**
 * The writing half of a store for the main thread, which never writes to `mirror.db` itself: each call is handed to a worker.
 * Arguments and answers must survive a structured clone.
 */
export function remote<Store extends object>(call: (method: string, args: unknown[]) => Promise<unknown>): Store {
  const verbs = new Proxy(
    {},
    { get: (_, method) => (typeof method === 'string' ? (...args: unknown[]) => call(method, args) : undefined) },
  );
  return verbs as Store;
}
