import type { Response } from 'express';

/**
 * Sends `answer` with a stored body in place of the `null` at its very end. The body is spliced in as text: a long ride is never an object on
 * this thread.
 *
 * @param answer Its last value is an object whose last value is null, as in `{item: {…, body: null}}`.
 */
export function sendWithBody(response: Response, answer: object, body: Uint8Array): void {
  const head = JSON.stringify(answer).slice(0, -'null}}'.length);
  response.type('application/json').send(`${head}${Buffer.from(body).toString()}}}`);
}
