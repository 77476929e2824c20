import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';

/** A server on any port of loopback. */
export interface Listener {
  /** `127.0.0.1:PORT`. */
  host: string;
  url: string;
  close(): Promise<void>;
}

async function listen(handler: RequestListener): Promise<Listener> {
  const server = createServer(handler).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  const host = `127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  return {
    host,
    url: `http://${host}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Heard {
  url: string;
  headers: IncomingHttpHeaders;
}

/** Somebody else's server: it answers everything, as a provider would, and remembers all that it is sent. */
export async function startEvil(): Promise<Listener & { heard: Heard[] }> {
  const heard: Heard[] = [];
  const listener = await listen((request, response) => {
    heard.push({ url: request.url ?? '', headers: request.headers });
    response.setHeader('content-type', 'application/json');
    response.end(
      '{"access_token":"evil","user":{"id":1},"trip":{"id":1},"items":[],"meta":{"rwgps_datetime":"2026-01-01T00:00:00Z"}}',
    );
  });
  return { ...listener, heard };
}

/** What stands in front of the provider: hands on to it what is not on its list. */
export interface Front extends Listener {
  /** Every request that came here. */
  heard: Heard[];
  /** Paths that begin so are answered with this instead; until `pass`. */
  redirect(pathPrefix: string, status: number, location: string): void;
  /** Changes what the provider answers to them. */
  rewrite(pathPrefix: string, change: (text: string) => string): void;
  /** Paths that begin so never come to the provider: this answers them. */
  answer(pathPrefix: string, handler: RequestListener): void;
  pass(): void;
}

export async function startFront(provider: string): Promise<Front> {
  const heard: Heard[] = [];
  const redirects = new Map<string, { status: number; location: string }>();
  const rewrites = new Map<string, (text: string) => string>();
  const answers = new Map<string, RequestListener>();
  const meant = <T>(rules: Map<string, T>, url: string): T | undefined =>
    [...rules].find(([prefix]) => url.startsWith(prefix))?.[1];

  const listener = await listen(async (request, response) => {
    const { url = '', method = 'GET', headers } = request;
    heard.push({ url, headers });
    const answered = meant(answers, url);
    if (answered) return answered(request, response);
    const redirect = meant(redirects, url);
    if (redirect) {
      request.resume();
      response.writeHead(redirect.status, { location: redirect.location }).end();
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { host: _, connection: __, 'content-length': ___, 'accept-encoding': ____, ...rest } = headers;
    const answer = await fetch(new URL(url, provider), {
      method,
      headers: rest as Record<string, string>,
      redirect: 'manual',
      ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
    });
    const text = await answer.text();
    response.writeHead(answer.status, {
      'content-type': answer.headers.get('content-type') ?? '',
      location: answer.headers.get('location') ?? '',
      'x-rwgps-datetime': answer.headers.get('x-rwgps-datetime') ?? '',
    });
    response.end((meant(rewrites, url) ?? ((same: string) => same))(text));
  });

  return {
    ...listener,
    heard,
    redirect: (pathPrefix, status, location) => void redirects.set(pathPrefix, { status, location }),
    rewrite: (pathPrefix, change) => void rewrites.set(pathPrefix, change),
    answer: (pathPrefix, handler) => void answers.set(pathPrefix, handler),
    pass() {
      redirects.clear();
      rewrites.clear();
      answers.clear();
    },
  };
}
