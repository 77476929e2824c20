import { Unacceptable } from '../../http/errors.ts';

/** One user's own API, and the token for it: `https://TOKEN@alice.pryv.me/`, or `https://TOKEN@pryv.example.org/alice/`. */
export interface Endpoint {
  token: string;
  /** With the slash at its end, and without the token: each user may be served from another host. */
  url: string;
}

/** What the account's sealed token is, as text. */
export const stored = (endpoint: Endpoint): string => JSON.stringify(endpoint);
export const endpointIn = (token: string): Endpoint => JSON.parse(token) as Endpoint;

/**
 * As people copy it out of Pryv. Both forms are in the provider's API reference, section "API endpoint".
 *
 * @throws Unacceptable with a sentence that says what is missing or wrong, and never the token.
 */
export function readEndpoint(text: string | undefined): Endpoint {
  if (!text) throw wrong('It is missing: give it as https://TOKEN@user.example.org/.');
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol))
    throw wrong('It must be an address such as https://TOKEN@user.example.org/.');
  if (url.protocol === 'http:' && !isLoopback(url))
    throw wrong('It must begin with https://: everybody on the way could read the token.');
  if (url.password || url.search || url.hash)
    throw wrong('Only the token may stand before the @, and nothing after the path.');
  const token = decoded(url.username);
  if (!token) throw wrong('There is no token in it: it stands before the @, as in https://TOKEN@user.example.org/.');
  if (!TOKEN.test(token)) throw wrong('What stands before the @ cannot be a token.');
  const path = url.pathname.endsWith('/') ? url.pathname : `${url.pathname}/`;
  const endpoint = { token, url: `${url.origin}${path}` };
  if (!partsOf(endpoint.url)) throw wrong('After the host there may be the name of the user and nothing else.');
  return endpoint;
}

/**
 * What the account is called here: `alice.pryv.me`, `pryv.example.org__alice`, `localhost_3001__alice`. No host and no user name has
 * an underscore, so no two endpoints have one name.
 */
export function accountOf(endpoint: Pick<Endpoint, 'url'>): string {
  const { host, port, user } = partsOf(endpoint.url) ?? { host: '', port: '', user: undefined };
  return `${host}${port && `_${port}`}${user === undefined ? '' : `__${user}`}`;
}

export const isAccount = (text: string | undefined): text is string =>
  text !== undefined && text.length <= 128 && ACCOUNT.test(text);

/** How the user is known there. */
export const userOf = (endpoint: Pick<Endpoint, 'url'>): string => {
  const { host, user } = partsOf(endpoint.url) ?? { host: '', user: undefined };
  return user ?? host.split('.', 1)[0] ?? '';
};

/** User names are letters, digits and dashes (the provider's public source, `schema/user`). */
const USER = /^\/(?:([A-Za-z0-9-]{1,60})\/)?$/;
const HOST = /^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/;
const ACCOUNT = /^[a-z0-9-]+(?:\.[a-z0-9-]+)*(?:_\d{1,5})?(?:__[A-Za-z0-9-]{1,60})?$/;
/** What a header may hold. The provider says nothing of the form; those it makes are letters and digits. */
const TOKEN = /^[\x21-\x7e]{1,500}$/;

function partsOf(address: string) {
  const { hostname: host, port, pathname } = new URL(address);
  const path = USER.exec(pathname);
  if (!path || !HOST.test(host) || host.length > 60) return undefined;
  return { host, port, user: path[1] };
}

const isLoopback = ({ hostname }: URL): boolean => ['localhost', '127.0.0.1'].includes(hostname);

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A lone percent sign: no token has one.
    return '';
  }
}

const wrong = (what: string): Unacceptable => new Unacceptable('endpoint', `The endpoint cannot be used. ${what}`);
