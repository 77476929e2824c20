import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import type { Fields, RyeWorld } from './world.ts';

const MOST_A_PAGE = 100;

/** How the provider misbehaves, to be set at any time. */
export interface RyeFaults {
  /** What happens from now on is announced to nobody. */
  losesWebhooks: boolean;
  /** No key is taken. */
  refusesKeys: boolean;
  /** Milliseconds before each answer of an API. */
  latencyMs: number;
  /** What is documented nowhere: which events are listed first. */
  newestFirst: boolean;
  /** What a GraphQL query is answered with instead. */
  graphql: { status: number; body: string } | undefined;
  /** After that, its events are forgotten: a cursor into them is answered 400. */
  forgetsCursors: boolean;
}

export interface RyeServerParts {
  world: RyeWorld;
  apiKey: string;
  faults: RyeFaults;
  /** Told of each request to an API. */
  onAsked: (path: string) => void;
}

/** REST of v2 and GraphQL of v1, as far as they are public. */
export function createRyeServer({ world, apiKey, faults, onAsked }: RyeServerParts): Express {
  const app = express();
  app.disable('x-powered-by').disable('etag').use(express.json());
  app.use(async (request: Request, _response: Response, next: NextFunction) => {
    onAsked(request.originalUrl);
    if (faults.latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, faults.latencyMs).unref());
    next();
  });

  const keyed = (scheme: string) => (request: Request, response: Response, next: NextFunction) => {
    if (!faults.refusesKeys && request.headers.authorization === `${scheme} ${apiKey}`) next();
    else response.status(401).json({ name: 'UnauthorizedError', message: 'Unauthorized' });
  };

  app.use('/api', keyed('Bearer'));
  app.get('/api/v1/checkout-intents/:id', one(world.intents));
  app.get('/api/v1/shipments/:id', one(world.shipments));
  app.get('/api/v1/events', (request, response) => {
    const { after = '', limit = '10' } = request.query;
    const all = faults.newestFirst ? world.events.toReversed() : world.events;
    const begin = after === '' ? 0 : all.findIndex(({ id }) => id === after) + 1;
    if (after !== '' && (begin === 0 || faults.forgetsCursors)) {
      response.status(400).json({ name: 'BadRequestError', message: 'Invalid cursor' });
      return;
    }
    const data = all.slice(begin, begin + Math.min(Number(limit), MOST_A_PAGE));
    const hasNextPage = begin + data.length < all.length;
    const edges = { startCursor: data.at(0)?.id ?? null, endCursor: data.at(-1)?.id ?? null };
    response.json({ data, pageInfo: { ...edges, hasNextPage, hasPreviousPage: begin > 0 } });
  });

  app.post('/v1/query', keyed('Basic'), (request, response) => {
    if (faults.graphql) {
      response.status(faults.graphql.status).type('json').send(faults.graphql.body);
      return;
    }
    const { query = '', variables = {} } = request.body as {
      query?: string;
      variables?: { id?: string; input?: Fields };
    };
    const data = query.includes('orderByID')
      ? { orderByID: world.orders.get(String(variables.id)) ?? null }
      : { productByID: world.products.get(String(variables.input?.id)) ?? null };
    response.json({ data });
  });
  app.use((_request, response) => notFound(response));
  return app;
}

const one = (things: Map<string, Fields>) => (request: Request, response: Response) => {
  const thing = things.get(String(request.params.id));
  if (thing) response.json(thing);
  else notFound(response);
};

const notFound = (response: Response) =>
  void response.status(404).json({ name: 'NotFoundError', message: 'Not found' });
