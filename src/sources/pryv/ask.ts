import type { Answer, HttpClient } from '../../http/client.ts';
import { NotTheProvider, Unacceptable, Unauthorized } from '../../http/errors.ts';
import { parseJson } from '../../http/json.ts';
import { isObject } from '../element.ts';
import type { Credentials } from '../source.ts';
import type { Clients } from './clients.ts';

/** What the provider answered: the object, or the error in its own shape. */
export type Reply =
  | { ok: true; object: Record<string, unknown>; answer: Answer }
  | { ok: false; status: number; id: string; answer: Answer };

/** Requests to one account's own API. Whatever path is asked for, it lies under the endpoint that the token came with. */
export interface Ask {
  /** @throws Unauthorized RateLimited ProviderDown NotTheProvider TooLarge Unacceptable */
  get(path: string, credentials: Credentials): Promise<Reply>;
  put(path: string, body: unknown, credentials: Credentials): Promise<Reply>;
  /** For what cannot be refused with a meaning. @throws what `get` throws, and for each refusal. */
  object(
    path: string,
    credentials: Credentials,
  ): Promise<Pick<Answer, 'beganAt' | 'clockOffset'> & { object: Record<string, unknown> }>;
}

export function createAsk(clients: Clients): Ask {
  async function send(
    { endpoint }: Credentials,
    path: string,
    request: (http: HttpClient, path: string) => Promise<Answer>,
  ): Promise<Reply> {
    if (endpoint === undefined) throw new Unauthorized();
    const { origin, pathname } = new URL(endpoint);
    return replyOf(await clients.use(origin, (http) => request(http, `${pathname}${path}`)));
  }

  const get: Ask['get'] = (path, credentials) =>
    send(credentials, path, (http, whole) => http.get(whole, credentials.headers));

  return {
    get,
    put: (path, body, credentials) =>
      send(credentials, path, (http, whole) => http.putJson(whole, credentials.headers, body)),
    async object(path, credentials) {
      const reply = await get(path, credentials);
      if (!reply.ok) throw refused(reply);
      const { beganAt, clockOffset } = reply.answer;
      return { object: reply.object, beganAt, clockOffset };
    },
  };
}

/** `{"error": {"id": "unknown-resource", "message": …}}` (API reference, section "Errors"). */
function replyOf(answer: Answer): Reply {
  const value = parseJson(answer);
  if (!isObject(value)) throw new NotTheProvider('The answer is not an object.', { answer });
  const { status } = answer;
  if (status >= 200 && status < 300) return { ok: true, object: value, answer };
  const id = isObject(value.error) ? value.error.id : undefined;
  if (typeof id !== 'string')
    throw new NotTheProvider(`It answered ${status} in a form that is not the provider's.`, { answer });
  // 401 where there is none, 403 where it is unknown or was revoked (the provider's public source, `MethodContext`).
  if (id === 'invalid-access-token') throw new Unauthorized();
  return { ok: false, status, id, answer };
}

export function refused({ status, answer }: Extract<Reply, { ok: false }>): Unacceptable {
  return new Unacceptable(`http-${status}`, `Pryv answered ${status}.`, { answer });
}
