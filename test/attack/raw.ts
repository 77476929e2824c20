import { connect } from 'node:net';

/** A connection that is never closed by the other side ends after this long. */
const PATIENCE_MS = 15_000;

interface RawOptions {
  /** `half`: says that nothing more will come. `open`: leaves it to the server to end it. */
  then?: 'half' | 'open';
  patienceMs?: number;
}

/** Sends bytes that a well-behaved client cannot send. @returns all that came back until the connection was closed. */
export function sendRaw(
  url: string,
  parts: string | Buffer | (string | Buffer)[],
  { then = 'half', patienceMs = PATIENCE_MS }: RawOptions = {},
): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    let answer = '';
    const timer = setTimeout(() => socket.destroy(), patienceMs);
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      answer += chunk;
    });
    // Cut off in the middle of sending: what was answered before counts.
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(answer);
    });
    for (const part of [parts].flat()) socket.write(part);
    if (then === 'half') socket.end();
  });
}

/** Every status in what came back, in order. */
export const statusesIn = (answer: string): number[] =>
  [...answer.matchAll(/HTTP\/1\.[01] (\d{3}) /g)].map(([, status]) => Number(status));

/** A request as it goes over the wire, with whatever headers. */
export function rawRequest(path: string, headers: string[], body: string | Buffer = '', method = 'POST'): Buffer {
  const head = [`${method} ${path} HTTP/1.1`, 'host: slipstream', ...headers];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), Buffer.from(body)]);
}
