import type { ServerResponse } from 'node:http';

const PIECE = Buffer.alloc(64 * 1024, 'y');

/** A body that begins like any other and goes on for as long as the client listens. */
export function sendWithoutEnd(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
  response.write('{"name":"');
  const more = (): void => {
    while (!response.destroyed && response.write(PIECE));
  };
  response.on('drain', more);
  more();
}
