import { chmodSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';

/** Answers that are under way when it closes may take this long. */
const CLOSING_MS = 1_000;

/** Whoever is slower than this with headers, or with the whole request, is neither a provider nor a browser. */
const HEADERS_MS = 5_000;
const REQUEST_MS = 10_000;
/** How often Node looks for them; every 30 s unless told, which would make the times above 35 and 40 s. */
const LOOKING_MS = 1_000;
/**
 * Longer than a proxy keeps a connection that nothing is sent over (Caddy: two minutes). The proxy has to be the one that closes
 * it: a webhook that it sends over a connection we are just closing would be answered 502, and is not sent again.
 */
const IDLE_MS = 125_000;

/** A server that listens. */
export interface Listening {
  /** For example `http://127.0.0.1:3000`: the port is known only now when the configured one is 0. */
  url: string;
  /** Takes no new connection, answers what was read, then closes what is only kept open. */
  close(): Promise<void>;
}

/** @throws EADDRINUSE EACCES and what else `listen` may. */
export async function listenOnPort(handler: RequestListener, port: number, host: string): Promise<Listening> {
  const { server, close } = serverFor(handler);
  await listen(server, () => server.listen(port, host));
  const address = server.address();
  const actual = typeof address === 'object' && address ? address.port : port;
  return { url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}`, close };
}

/** On a socket file that nobody but its owner may open. */
export async function listenOnSocket(handler: RequestListener, path: string): Promise<Listening> {
  const { server, close } = serverFor(handler);
  // Left behind by a process that was killed; whoever starts has made sure that none runs.
  rmSync(path, { force: true });
  await listen(server, () => server.listen(path));
  chmodSync(path, 0o600);
  return { url: path, close };
}

function serverFor(handler: RequestListener): { server: Server; close(): Promise<void> } {
  const underWay = new Set<ServerResponse>();
  let closing = false;
  const server = createServer({
    headersTimeout: HEADERS_MS,
    requestTimeout: REQUEST_MS,
    connectionsCheckingInterval: LOOKING_MS,
    keepAliveTimeout: IDLE_MS,
  });
  server.on('request', (_, response) => {
    if (closing) isLast(response);
    underWay.add(response);
    response.once('close', () => underWay.delete(response));
  });
  server.on('request', handler);

  function close(): Promise<void> {
    closing = true;
    // Over a connection that is kept open the next request would come, and be cut off.
    for (const response of underWay) isLast(response);
    return new Promise((resolve) => {
      server.close(() => resolve());
      server.closeIdleConnections();
      setTimeout(() => server.closeAllConnections(), CLOSING_MS).unref();
    });
  }

  return { server, close };
}

function isLast(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('connection', 'close');
}

function listen(server: Server, begin: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('listening', () => resolve());
    begin();
  });
}
