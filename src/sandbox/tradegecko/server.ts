import type { IncomingMessage } from 'node:http';
import { authorizePage, type GeckoAccount } from './authorize.ts';
import type { createQuota } from './quota.ts';
import type { GeckoSender } from './sender.ts';
import type { GeckoTokenStore, GeckoTokens } from './tokens.ts';
import { type GeckoRecord, type GeckoWorld, singularOf } from './world.ts';

export interface GeckoParts {
  clientId: string;
  clientSecret: string;
  accounts: GeckoAccount[];
  world: GeckoWorld;
  tokens: GeckoTokenStore;
  sender: GeckoSender;
  quota: ReturnType<typeof createQuota>;
  /** Kinds that this system does not have. */
  lacking: readonly string[];
}

export interface GeckoAnswer {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
}

interface Call {
  method: string;
  url: URL;
  fields: Record<string, unknown>;
}

/** Errors are `type` and `message`: nothing public shows one whole, but the provider's own token wrapper reads `message`. */
const failed = (status: number, type: string, message: string): GeckoAnswer => ({ status, body: { type, message } });
const notFound = (): GeckoAnswer => failed(404, 'Not Found', "Couldn't find the record");

export async function answerGecko(request: IncomingMessage, parts: GeckoParts): Promise<GeckoAnswer> {
  const call: Call = {
    method: request.method ?? 'GET',
    url: new URL(request.url ?? '/', 'http://sandbox'),
    fields: await fieldsOf(request),
  };
  const { pathname } = call.url;
  if (pathname === '/oauth/authorize') return call.method === 'POST' ? decide(call, parts) : ask(call, parts);
  if (pathname === '/oauth/token') return token(call, parts);
  const account = parts.tokens.accountOf(/^Bearer (\w+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '');
  if (account === undefined) return failed(401, 'Unauthorized', 'The access token is invalid or has expired');
  const { ok, headers } = parts.quota.take(account);
  const answer = ok ? api(call, account, parts) : failed(429, 'Too Many Requests', 'Rate limit exceeded');
  return { ...answer, headers: { ...answer.headers, ...headers } };
}

/** JSON or a form. */
async function fieldsOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  if (text === '') return {};
  if (!request.headers['content-type']?.startsWith('application/json'))
    return Object.fromEntries(new URLSearchParams(text));
  return JSON.parse(text) as Record<string, unknown>;
}

const textOf = (fields: Record<string, unknown>, name: string): string => String(fields[name] ?? '');

function ask({ url }: Call, { accounts, clientId }: GeckoParts): GeckoAnswer {
  const parameter = (name: string) => url.searchParams.get(name) ?? '';
  const redirectUri = parameter('redirect_uri');
  if (parameter('client_id') !== clientId || !URL.canParse(redirectUri))
    return failed(401, 'Unauthorized', 'There is no such application');
  const hidden = { redirect_uri: redirectUri, state: parameter('state') };
  return page(authorizePage(accounts, new URL(redirectUri).host, hidden));
}

const page = (html: string): GeckoAnswer => ({
  status: 200,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: html,
});

function decide({ fields }: Call, { accounts, tokens }: GeckoParts): GeckoAnswer {
  const redirectUri = textOf(fields, 'redirect_uri');
  const back = new URL(redirectUri);
  back.searchParams.set('state', textOf(fields, 'state'));
  const account = accounts.find(({ id }) => String(id) === textOf(fields, 'account'));
  if (textOf(fields, 'decision') !== 'authorize' || !account) back.searchParams.set('error', 'access_denied');
  else back.searchParams.set('code', tokens.issueCode(account.id, redirectUri));
  return { status: 302, headers: { location: back.href } };
}

function token({ fields }: Call, { clientId, clientSecret, tokens }: GeckoParts): GeckoAnswer {
  const text = (name: string) => textOf(fields, name);
  if (text('client_id') !== clientId || text('client_secret') !== clientSecret)
    return { status: 401, body: { error: 'invalid_client', error_description: 'Client authentication failed.' } };
  const grants: Record<string, () => GeckoTokens | undefined> = {
    authorization_code: () => tokens.redeem(text('code'), text('redirect_uri')),
    refresh_token: () => tokens.renew(text('refresh_token')),
  };
  const answered = grants[text('grant_type')]?.();
  if (answered) return { status: 200, body: answered };
  // Word for word what the provider's page shows for a refresh token that is not good any more.
  const error_description =
    'The request is missing a required parameter, includes an unsupported parameter value, or is otherwise malformed.';
  return { status: 400, body: { error: 'invalid_request', error_description } };
}

function api(call: Call, account: number, parts: GeckoParts): GeckoAnswer {
  const [, path = '', id] = /^\/([a-z_]+)(?:\/(\w+?))?(?:\.json)?$/.exec(call.url.pathname) ?? [];
  if (path === '' || parts.lacking.includes(path)) return notFound();
  if (path === 'accounts' && id === 'current')
    return { status: 200, body: { account: parts.accounts.find((each) => each.id === account) } };
  if (path === 'webhooks') return webhooks(call, account, id, parts);
  return id === undefined ? collection(call, account, path, parts) : single(call, account, path, Number(id), parts);
}

function webhooks(
  { method, fields }: Call,
  account: number,
  id: string | undefined,
  { sender }: GeckoParts,
): GeckoAnswer {
  const mine = sender.hooks().filter((hook) => hook.account === account);
  if (method === 'POST') {
    const { event, address } = fields.webhook as { event: string; address: string };
    return { status: 201, body: { webhook: sender.register(account, event, address) } };
  }
  if (id === undefined) return { status: 200, body: { webhooks: mine, meta: { total: mine.length } } };
  if (!mine.some((hook) => String(hook.id) === id)) return notFound();
  if (method === 'DELETE') sender.remove(Number(id));
  return { status: method === 'DELETE' ? 204 : 200, body: {} };
}

function collection(call: Call, account: number, path: string, { world, sender }: GeckoParts): GeckoAnswer {
  const { method, fields, url } = call;
  if (method === 'POST') {
    const ref = world.add(account, path, fields[singularOf(path)] as Record<string, unknown>);
    void sender.announce(ref, 'create');
    return { status: 201, body: { [singularOf(path)]: world.find(ref) } };
  }
  const limit = Number(url.searchParams.get('limit') ?? 100);
  const number = Number(url.searchParams.get('page') ?? 1);
  const since = url.searchParams.get('updated_at_min');
  const all = world.list(account, path).filter(isSince(since));
  // Where no order is asked for, there is none.
  if (!url.searchParams.get('order')) all.reverse();
  const pages = Math.max(1, Math.ceil(all.length / limit));
  const pagination = {
    total_records: all.length,
    total_pages: pages,
    first_page: number === 1,
    last_page: number >= pages,
  };
  return {
    status: 200,
    headers: { 'x-pagination': JSON.stringify(pagination) },
    body: { [path]: all.slice((number - 1) * limit, number * limit), meta: { total: all.length } },
  };
}

const isSince =
  (since: string | null) =>
  ({ updated_at }: GeckoRecord): boolean =>
    since === null || Date.parse(updated_at) >= Date.parse(since);

function single(call: Call, account: number, path: string, id: number, { world, sender }: GeckoParts): GeckoAnswer {
  const { method, fields } = call;
  const ref = { account, path, id };
  if (!world.find(ref)) return notFound();
  if (method === 'DELETE') {
    world.remove(ref);
    void sender.announce(ref, 'destroy');
    return { status: 204 };
  }
  if (method === 'PUT') {
    world.change(ref, fields[singularOf(path)] as Record<string, unknown>);
    void sender.announce(ref, 'update');
  }
  return { status: 200, body: { [singularOf(path)]: world.find(ref) } };
}
