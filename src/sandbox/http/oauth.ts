import type { SandboxClient } from '../options.ts';
import { authorizePage, refusedPage } from '../pages/authorize.ts';
import { type Answer, failed, goTo, json, page } from './answer.ts';
import { basic } from './authenticate.ts';
import { type Call, type Endpoints, textOf } from './call.ts';
import type { Sandbox } from './parts.ts';

/** The browser's part: the page with the two buttons, and where they lead. */
export const authorizeEndpoints: Endpoints = (parts) => [
  { method: 'get', path: /^\/oauth\/authorize$/, open: true, answer: (call) => ask(call, parts) },
  { method: 'post', path: /^\/oauth\/authorize$/, open: true, answer: (call) => decide(call, parts) },
];

/** The program's part, by JSON or form, with the client's credentials in the body or in a Basic header. */
export const tokenEndpoints: Endpoints = (parts) => [
  { method: 'post', path: /^\/oauth\/token(?:\.json)?$/, open: true, answer: (call) => exchange(call, parts) },
  { method: 'post', path: /^\/oauth\/revoke(?:\.json)?$/, open: true, answer: (call) => revoke(call, parts) },
];

interface Asked {
  client: SandboxClient;
  redirectUri: URL;
}

/** A wrong client or redirect URI is told on a page: sending somebody to an address nobody registered is how codes are stolen. */
function asked(parameter: (name: string) => string, { clients }: Sandbox): Asked | Answer {
  const client = clients.find(({ clientId }) => clientId === parameter('client_id'));
  if (!client) return page(refusedPage('This sandbox has no API client with that client_id.'), 401);
  const redirectUri = parameter('redirect_uri');
  const registered = client.redirectUris?.includes(redirectUri) ?? /^https?:/.test(redirectUri);
  if (!registered || !URL.canParse(redirectUri))
    return page(refusedPage('The redirect_uri is not one that this API client has registered.'), 401);
  return { client, redirectUri: new URL(redirectUri) };
}

function ask(call: Call, parts: Sandbox): Answer {
  const parameter = (name: string) => call.query.get(name) ?? '';
  const request = asked(parameter, parts);
  if ('status' in request) return request;
  const { client, redirectUri } = request;
  if (parameter('response_type') !== 'code')
    return back(redirectUri, { error: 'unsupported_response_type', state: parameter('state') });
  const hidden = { client_id: client.clientId, redirect_uri: parameter('redirect_uri'), state: parameter('state') };
  return page(authorizePage(parts.world.riders(), redirectUri.host, hidden));
}

function decide(call: Call, { tokens, world, ...parts }: Sandbox): Answer {
  const parameter = (name: string) => textOf(call.body, name);
  const request = asked(parameter, { tokens, world, ...parts });
  if ('status' in request) return request;
  const { client, redirectUri } = request;
  const state = parameter('state');
  if (parameter('decision') !== 'authorize')
    return back(redirectUri, {
      error: 'access_denied',
      error_description: 'The resource owner denied the request.',
      state,
    });
  const rider = world.riders().find(({ id }) => String(id) === parameter('rider'));
  if (!rider) return page(refusedPage('There is no such rider here.'), 400);
  return back(redirectUri, { code: tokens.issueCode(rider.id, client.apiKey, parameter('redirect_uri')), state });
}

function back(to: URL, parameters: Record<string, string>): Answer {
  for (const [name, value] of Object.entries(parameters)) if (value) to.searchParams.set(name, value);
  return { ...goTo(to.href), status: 302 };
}

function exchange(call: Call, parts: Sandbox): Answer {
  const client = clientOf(call, parts);
  if (!client) return oauthError(401, 'invalid_client', 'Client authentication failed.');
  if (textOf(call.body, 'grant_type') !== 'authorization_code') {
    return oauthError(400, 'unsupported_grant_type', 'Only authorization_code is supported.');
  }
  const token = parts.tokens.redeem(textOf(call.body, 'code'), client.apiKey, textOf(call.body, 'redirect_uri'));
  if (!token)
    return oauthError(
      400,
      'invalid_grant',
      'The code is invalid, expired, spent, or was for another client or redirect URI.',
    );
  return json({
    access_token: token.token,
    token_type: 'Bearer',
    scope: 'user',
    created_at: Math.floor(token.createdAt / 1_000),
    ...(!parts.faults.current.tokenWithoutUser && { user_id: token.riderId }),
  });
}

/** Revoking a token that is not there is a success too. */
function revoke(call: Call, parts: Sandbox): Answer {
  const client = clientOf(call, parts);
  if (!client) return oauthError(401, 'invalid_client', 'Client authentication failed.');
  const given = textOf(call.body, 'token');
  if (!given) return failed(400, 'token is required');
  const token = parts.tokens.find(given);
  if (token && token.apiKey !== client.apiKey) return failed(403, 'The token belongs to another API client');
  parts.tokens.revoke(given);
  return json({});
}

const oauthError = (status: number, error: string, error_description: string): Answer =>
  json({ error, error_description }, status);

function clientOf(call: Call, { clients }: Sandbox): SandboxClient | undefined {
  const given = basic(call) ?? [textOf(call.body, 'client_id'), textOf(call.body, 'client_secret')];
  // RFC 6749, section 2.3.1: both halves of the header are form-encoded before they are joined. Not every client does so.
  const ways = [given, given.map(decoded)];
  return clients.find((client) =>
    ways.some(([id, secret]) => client.clientId === id && client.clientSecret === secret),
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (error) {
    // Not encoded after all, as clients that skipped that step send it.
    if (error instanceof URIError) return text;
    throw error;
  }
}
