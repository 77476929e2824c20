import type { Rider } from '../model.ts';
import type { Call } from './call.ts';
import type { Sandbox } from './parts.ts';

export interface Caller {
  rider: Rider;
  apiKey: string;
}

/**
 * Who asks: by `Authorization: Bearer`, by Basic with api key and token, by the pair of headers, or by the same pair in the query
 * (which the provider does not document and independent clients send). Undefined: nobody the sandbox knows.
 */
export function authenticate(call: Call, { tokens, world, clients }: Sandbox): Caller | undefined {
  const given = bearer(call) ?? pair(call);
  const token = given && tokens.find(given.token);
  if (!token) return undefined;
  const known = clients.some((client) => client.apiKey === token.apiKey);
  if (!known || (given.apiKey !== undefined && given.apiKey !== token.apiKey)) return undefined;
  return { rider: world.rider(token.riderId), apiKey: token.apiKey };
}

interface Given {
  token: string;
  apiKey?: string;
}

function bearer(call: Call): Given | undefined {
  const token = /^Bearer (.+)$/i.exec(call.headers.authorization ?? '')?.[1];
  return token === undefined ? undefined : { token };
}

function pair(call: Call): Given | undefined {
  const [user, password] = basic(call) ?? [];
  const apiKey = user ?? header(call, 'x-rwgps-api-key') ?? call.query.get('apikey') ?? call.query.get('api_key');
  const token = password ?? header(call, 'x-rwgps-auth-token') ?? call.query.get('auth_token');
  return apiKey && token ? { apiKey, token } : undefined;
}

const header = (call: Call, name: string): string | undefined => {
  const value = call.headers[name];
  return typeof value === 'string' ? value : undefined;
};

/** User and password out of a Basic header. */
export function basic(call: Call): [user: string, password: string] | undefined {
  const encoded = /^Basic (.+)$/i.exec(call.headers.authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const [user, ...password] = Buffer.from(encoded, 'base64').toString().split(':');
  return user === undefined ? undefined : [user, password.join(':')];
}
