import { once } from 'node:events';
import { connect } from 'node:net';

/** One kept-open HTTP connection, one request at a time. */
export interface Connection {
  /** @returns the status. @throws when the connection is lost. */
  send(request: Buffer): Promise<number>;
  close(): void;
}

/** As little as it takes: a client library costs more than the receivers that are to be measured. */
export async function openConnection(url: URL): Promise<Connection> {
  const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true });
  await once(socket, 'connect');
  socket.setEncoding('latin1');
  let received = '';
  let waiting: { resolve: (status: number) => void; reject: (error: Error) => void } | undefined;

  socket.on('data', (chunk: string) => {
    received += chunk;
    const size = sizeOf(received);
    if (size === undefined || received.length < size) return;
    const status = Number(received.slice(9, 12));
    received = received.slice(size);
    const { resolve } = waiting ?? {};
    waiting = undefined;
    resolve?.(status);
  });
  const lost = (error?: Error) => waiting?.reject(error ?? new Error('The receiver closed the connection.'));
  socket.on('error', lost);
  socket.on('close', () => lost());

  return {
    send: (request) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        socket.write(request);
      }),
    close: () => void socket.destroy(),
  };
}

/** Of a whole answer, once its head is there. Every receiver here says a length. */
function sizeOf(text: string): number | undefined {
  const head = text.indexOf('\r\n\r\n');
  if (head === -1) return undefined;
  const length = /\r\ncontent-length: *(\d+)/i.exec(text);
  if (!length) throw new Error(`An answer without a length: ${text.slice(0, head)}`);
  return head + 4 + Number(length[1]);
}
