import type { RequestHandler, Response } from 'express';

/** An error of the API: `{"error":{"code","message"}}`. */
export function problem(response: Response, status: number, code: string, message: string): void {
  response.status(status).json({ error: { code, message } });
}

export const notFound: RequestHandler = (_request, response) =>
  problem(response, 404, 'not_found', 'There is nothing at this address, or it is not yours.');

export const crossSite: RequestHandler = (_request, response) =>
  problem(
    response,
    403,
    'cross_site',
    'A change must be asked for from the pages of this Slipstream, or with a personal token.',
  );
