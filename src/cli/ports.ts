import { createServer } from 'node:net';
import { Failure } from './failure.ts';

const TRIED = 50;
const TAKEN = ['EADDRINUSE', 'EACCES'];

/** The first free port from `wanted` on that is none of `except`. 0: any. */
export async function freePort(wanted: number, host: string, except: readonly number[] = []): Promise<number> {
  for (let port = wanted; port <= Math.min(wanted + TRIED, 65_535); port += 1) {
    if (except.includes(port)) continue;
    try {
      return await tryPort(port, host);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && TAKEN.includes(String(error.code)))) throw error;
    }
  }
  throw new Failure(`No port from ${wanted} to ${wanted + TRIED} is free. Name another one with --port.`);
}

/** Listens for a moment. @returns the port. @throws what listening throws. */
export function tryPort(port: number, host: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const server = createServer();
  server.once('error', reject);
  server.listen(port, host, () => {
    const address = server.address();
    server.close(() => resolve(typeof address === 'object' && address ? address.port : port));
  });
  return promise;
}
