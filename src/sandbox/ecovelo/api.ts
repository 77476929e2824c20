import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { EcoveloObject, EcoveloWorld } from './world.ts';

const COLLECTIONS = new Map([
  ['trips', 'trip'],
  ['cyclists', 'cyclist'],
  ['vehicules', 'vehicule'],
  ['abonnements', 'abonnement'],
]);
/** One by one only. */
const WITHOUT_LIST = new Set(['abonnements']);

export interface ApiSettings {
  apiKey: string;
  /** Lower case. */
  apiKeyHeader: string;
  pageSize: number;
  /** 0 or 1: the provider does not say where its pages begin. */
  firstPage: number;
  /** `bare`: a list is an array; else the array is under this name. */
  envelope: 'bare' | 'data' | 'items' | 'results';
  /** Entries of lists say when they were changed. */
  listsVersions: boolean;
  /** Every key is refused. */
  refuses: boolean;
  /** Milliseconds before each answer. */
  latencyMs: number;
  /** What is asked for beside the collections that there are is answered by the proxy before it. */
  proxyAnswers: false | 200 | 404;
}

/** The provider's API: an object, and lists by page. Docks and stations are nowhere in it. */
export function createApi(
  world: EcoveloWorld,
  settings: ApiSettings,
  onRequest: (path: string) => void,
): RequestListener {
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    onRequest(`${url.pathname}${url.search}`);
    if (settings.latencyMs > 0) await pause(settings.latencyMs, undefined, { ref: false });
    const given = request.headers[settings.apiKeyHeader];
    if (settings.refuses || given !== settings.apiKey) return send(response, 401, { error: 'Invalid API key' });
    const [, collection = '', id] = url.pathname.split('/');
    const kind = COLLECTIONS.get(collection);
    if (kind === undefined || (id === undefined && WITHOUT_LIST.has(collection))) return sendUnknown(response);
    if (id === undefined) return send(response, 200, page(world.list(kind), Number(url.searchParams.get('page') ?? 1)));
    const object = world.find(kind, id);
    if (!object) return send(response, 404, { error: 'not_found', message: `No ${kind} with this id` });
    send(response, 200, object);
  }

  function page(all: readonly EcoveloObject[], number: number): unknown {
    const from = (number - settings.firstPage) * settings.pageSize;
    // A page before the first is the first, as in many frameworks.
    const slice = all.slice(Math.max(0, from), Math.max(0, from) + settings.pageSize);
    const entries = settings.listsVersions ? slice : slice.map(({ id, status }) => ({ id, status }));
    return settings.envelope === 'bare' ? entries : { [settings.envelope]: entries };
  }

  function sendUnknown(response: ServerResponse): void {
    const { proxyAnswers: status } = settings;
    if (status) response.writeHead(status, { 'content-type': 'text/html' }).end('<h1>There is nothing here</h1>');
    else send(response, 404, { error: 'not_found' });
  }

  return (request, response) => void answer(request, response);
}

function send(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}
