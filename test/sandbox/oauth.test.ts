import { AuthorizationCode } from 'simple-oauth2';
import { describe, expect, test } from 'vitest';
import type { Sandbox } from '../../src/sandbox/index.ts';
import { ask, CLIENT, postForm, postJson, sandboxFor, TWO_RIDERS } from './support.ts';

const BACK = 'http://localhost:3000/connect/ridewithgps/callback';
const ASKED = { client_id: CLIENT.clientId, redirect_uri: BACK, response_type: 'code', state: 'xyz' };
const authorize = (sandbox: Sandbox, query: Record<string, string> = ASKED) =>
  fetch(`${sandbox.url}/oauth/authorize?${new URLSearchParams(query)}`, { redirect: 'manual' });

async function decide(sandbox: Sandbox, decision: string, rider = '1'): Promise<URL> {
  const answer = await postForm(sandbox, '/oauth/authorize', { ...ASKED, rider, decision });
  expect(answer.status).toBe(302);
  return new URL(answer.headers.get('location') ?? '');
}

const exchangeBody = (code: string) => ({
  grant_type: 'authorization_code',
  code,
  client_id: CLIENT.clientId,
  client_secret: CLIENT.clientSecret,
  redirect_uri: BACK,
});

describe('authorizing in the browser', () => {
  test('shows who asks and both buttons', async () => {
    const page = await (await authorize(await sandboxFor())).text();
    expect(page).toContain('localhost:3000');
    expect(page).toContain('Robin Field');
    expect(page).toContain('>Authorize<');
    expect(page).toContain('>Cancel<');
  });

  test('lets one choose where there are several riders', async () => {
    const sandbox = await sandboxFor({ riders: TWO_RIDERS });
    expect(await (await authorize(sandbox)).text()).toContain('Jo Ängström');
    const code = (await decide(sandbox, 'authorize', '2')).searchParams.get('code') ?? '';
    const answer = await postJson(sandbox, '/oauth/token.json', exchangeBody(code));
    expect(answer.body.user_id).toBe(2);
  });

  test('comes back with a code and the state', async () => {
    const back = await decide(await sandboxFor(), 'authorize');
    expect(back.origin + back.pathname).toBe(BACK);
    expect(back.searchParams.get('state')).toBe('xyz');
    expect(back.searchParams.get('code')).toMatch(/^\w{32}$/);
  });

  test('comes back with access_denied after a refusal, and without a code', async () => {
    const back = await decide(await sandboxFor(), 'cancel');
    expect(back.searchParams.get('error')).toBe('access_denied');
    expect(back.searchParams.get('state')).toBe('xyz');
    expect(back.searchParams.has('code')).toBe(false);
  });

  test('sends nobody to a redirect URI that is not registered', async () => {
    const sandbox = await sandboxFor({ clients: [{ ...CLIENT, redirectUris: [BACK] }] });
    expect((await authorize(sandbox)).status).toBe(200);
    const wrong = await authorize(sandbox, { ...ASKED, redirect_uri: 'https://elsewhere.example/callback' });
    expect(wrong.status).toBe(401);
    expect(wrong.headers.get('location')).toBeNull();
    const unknown = await authorize(sandbox, { ...ASKED, client_id: 'nobody' });
    expect(unknown.status).toBe(401);
  });

  test('escapes what the query brings into the page', async () => {
    const page = await (await authorize(await sandboxFor(), { ...ASKED, state: '"><script>alert(1)</script>' })).text();
    expect(page).not.toContain('<script>');
  });
});

describe('exchanging the code', () => {
  test('answers as documented to JSON', async () => {
    const sandbox = await sandboxFor();
    const code = (await decide(sandbox, 'authorize')).searchParams.get('code') ?? '';
    const { status, body } = await postJson(sandbox, '/oauth/token.json', exchangeBody(code));
    expect(status).toBe(200);
    expect(body).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      scope: 'user',
      created_at: expect.any(Number),
      user_id: 1,
    });
    const me = await ask(sandbox, '/api/v1/users/current.json', String(body.access_token));
    expect(me.body).toMatchObject({ user: { id: 1, name: 'Robin Field' } });
  });

  test('works once for each code', async () => {
    const sandbox = await sandboxFor();
    const code = (await decide(sandbox, 'authorize')).searchParams.get('code') ?? '';
    await postJson(sandbox, '/oauth/token.json', exchangeBody(code));
    const again = await postJson(sandbox, '/oauth/token.json', exchangeBody(code));
    expect(again.status).toBe(400);
    expect(again.body.error).toBe('invalid_grant');
  });

  test.each([
    ['another redirect URI', { redirect_uri: 'http://localhost:3000/other' }, 400, 'invalid_grant'],
    ['a wrong secret', { client_secret: 'wrong' }, 401, 'invalid_client'],
    ['another grant', { grant_type: 'password' }, 400, 'unsupported_grant_type'],
  ])('fails with %s', async (_, change, status, error) => {
    const sandbox = await sandboxFor();
    const code = (await decide(sandbox, 'authorize')).searchParams.get('code') ?? '';
    const answer = await postJson(sandbox, '/oauth/token', { ...exchangeBody(code), ...change });
    expect(answer.status).toBe(status);
    expect(answer.body.error).toBe(error);
  });

  test('takes forms at the path without .json', async () => {
    const sandbox = await sandboxFor();
    const code = (await decide(sandbox, 'authorize')).searchParams.get('code') ?? '';
    const answer = await postForm(sandbox, '/oauth/token', exchangeBody(code));
    expect(answer.status).toBe(200);
  });

  test('takes credentials that are not plain letters in a Basic header, as simple-oauth2 sends them', async () => {
    const client = { ...CLIENT, clientId: 'id with+&', clientSecret: 'p:w %' };
    const sandbox = await sandboxFor({ clients: [client] });
    const oauth = new AuthorizationCode({
      client: { id: client.clientId, secret: client.clientSecret },
      auth: { tokenHost: sandbox.url, tokenPath: '/oauth/token.json', authorizePath: '/oauth/authorize' },
    });
    const form = { ...ASKED, client_id: client.clientId, rider: '1', decision: 'authorize' };
    const back = await postForm(sandbox, '/oauth/authorize', form);
    const code = new URL(back.headers.get('location') ?? '').searchParams.get('code') ?? '';
    const { token } = await oauth.getToken({ code, redirect_uri: BACK });
    expect(token.user_id).toBe(1);
  });

  test('leaves user_id out where older answers are asked for', async () => {
    const sandbox = await sandboxFor();
    sandbox.faults.set({ tokenWithoutUser: true });
    const code = (await decide(sandbox, 'authorize')).searchParams.get('code') ?? '';
    const { body } = await postJson(sandbox, '/oauth/token.json', exchangeBody(code));
    expect(body).not.toHaveProperty('user_id');
  });
});

describe('revoking', () => {
  test('answers {} and ends every use of the token', async () => {
    const sandbox = await sandboxFor();
    const token = sandbox.world.issueToken(1, CLIENT.apiKey);
    const credentials = { client_id: CLIENT.clientId, client_secret: CLIENT.clientSecret };
    const answer = await postJson(sandbox, '/oauth/revoke.json', { ...credentials, token });
    expect([answer.status, answer.body]).toEqual([200, {}]);
    expect((await ask(sandbox, '/api/v1/users/current.json', token)).status).toBe(401);
    expect((await postForm(sandbox, '/oauth/revoke', { ...credentials, token })).status).toBe(200);
  });

  test('is not for tokens of another client', async () => {
    const other = { apiKey: 'key-2', clientId: 'client-2', clientSecret: 'secret-2' };
    const sandbox = await sandboxFor({ clients: [CLIENT, other] });
    const token = sandbox.world.issueToken(1, CLIENT.apiKey);
    const answer = await postJson(sandbox, '/oauth/revoke.json', {
      client_id: other.clientId,
      client_secret: other.clientSecret,
      token,
    });
    expect(answer.status).toBe(403);
    expect((await ask(sandbox, '/current.json', token)).status).toBe(200);
  });
});
