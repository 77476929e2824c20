import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Server } from 'node:http';

/** One address that the running program answers. */
export interface Route {
  /** `ALL`: whatever it is. */
  method: string;
  /** With `:parameters`. */
  path: string;
}

interface Layer {
  rawPath: unknown;
  route?: { path: string; methods: Record<string, boolean> };
  handle: { stack?: Layer[] };
}

/** Every route of the program that answers at `url`, asked of its own routers, so that a new one cannot be forgotten. */
export async function routesOf(url: string): Promise<Route[]> {
  const listeners = (await serverAt(url)).listeners('request') as unknown as { router?: { stack?: Layer[] } }[];
  const stack = listeners.find(({ router }) => router)?.router?.stack;
  if (!stack) throw new Error('What answers is no Express application: the routes cannot be listed.');
  return listed(stack, '');
}

/** Node tells of each request which server it came to. */
async function serverAt(url: string): Promise<Server> {
  const { port } = new URL(url);
  let found: Server | undefined;
  const listen = (message: unknown) => {
    const { server } = message as { server: Server };
    const address = server.address();
    if (typeof address === 'object' && String(address?.port) === port) found = server;
  };
  subscribe('http.server.request.start', listen);
  await fetch(`${url}/healthz`);
  unsubscribe('http.server.request.start', listen);
  if (!found) throw new Error(`No server of this process answers at ${url}.`);
  return found;
}

function listed(stack: Layer[], under: string): Route[] {
  return stack.flatMap(({ route, handle, rawPath }) => {
    if (route) {
      const path = `${under}${route.path}`;
      const methods = Object.keys(route.methods).map((method) => method.toUpperCase());
      return (methods.length > 9 ? ['ALL'] : methods).map((method) => ({ method, path }));
    }
    if (!handle.stack) return [];
    if (typeof rawPath !== 'string')
      throw new Error(`A router is mounted at ${String(rawPath)}, which is no plain path.`);
    return listed(handle.stack, rawPath === '/' ? under : `${under}${rawPath}`);
  });
}
