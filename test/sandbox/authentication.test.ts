import { describe, expect, test } from 'vitest';
import { ask, CLIENT, objectOf, postJson, sandboxFor } from './support.ts';

const basic = (user: string, password: string) => ({ authorization: `Basic ${btoa(`${user}:${password}`)}` });

describe('proving who asks', () => {
  test.each(['/api/v1/users/current.json', '/api/v1/users/current', '/current.json', '/users/current.json'])(
    '%s says who it is',
    async (path) => {
      const sandbox = await sandboxFor();
      const answer = await ask(sandbox, path, sandbox.world.issueToken(1, CLIENT.apiKey));
      expect(answer.body.user).toMatchObject({
        id: 1,
        name: 'Robin Field',
        created_at: expect.stringMatching(/Z$/),
        updated_at: expect.any(String),
      });
    },
  );

  test('Basic, the pair of headers and the query work with api key and token', async () => {
    const sandbox = await sandboxFor();
    const token = sandbox.world.issueToken(1, CLIENT.apiKey);
    const headers = [basic(CLIENT.apiKey, token), { 'x-rwgps-api-key': CLIENT.apiKey, 'x-rwgps-auth-token': token }];
    for (const one of headers)
      expect((await ask(sandbox, '/api/v1/users/current.json', undefined, { headers: one })).status).toBe(200);
    expect((await ask(sandbox, `/api/v1/users/current.json?apikey=${CLIENT.apiKey}&auth_token=${token}`)).status).toBe(
      200,
    );
  });

  test('nothing, a wrong token and a token of another client are refused with 401', async () => {
    const sandbox = await sandboxFor();
    const token = sandbox.world.issueToken(1, CLIENT.apiKey);
    const tries = [{}, { authorization: 'Bearer wrong' }, basic('other-key', token), { 'x-rwgps-auth-token': token }];
    for (const headers of tries) {
      const answer = await ask(sandbox, '/api/v1/trips.json', undefined, { headers });
      expect([answer.status, answer.body]).toEqual([401, { error: 'Unauthorized' }]);
    }
  });

  test('a revoked token is refused, and so are all of a rider after revokeAll', async () => {
    const sandbox = await sandboxFor();
    const [one, two] = [sandbox.world.issueToken(1, CLIENT.apiKey), sandbox.world.issueToken(1, CLIENT.apiKey)];
    sandbox.world.revokeToken(one);
    expect((await ask(sandbox, '/current.json', one)).status).toBe(401);
    expect((await ask(sandbox, '/current.json', two)).status).toBe(200);
    sandbox.world.revokeAll(1);
    expect((await ask(sandbox, '/current.json', two)).status).toBe(401);
  });

  test('a password gives a token that works as Basic', async () => {
    const sandbox = await sandboxFor();
    const key = { 'x-rwgps-api-key': CLIENT.apiKey };
    const user = { email: 'rider1@sandbox.example', password: 'sandbox' };
    const answer = await postJson(sandbox, '/api/v1/auth_tokens.json', { user }, key);
    expect(answer.status).toBe(201);
    const given = objectOf(answer.body.auth_token);
    expect(given).toMatchObject({ api_key: CLIENT.apiKey, user: { id: 1, email: user.email } });
    const headers = basic(CLIENT.apiKey, String(given.auth_token));
    expect((await ask(sandbox, '/api/v1/users/current.json', undefined, { headers })).status).toBe(200);
    expect((await postJson(sandbox, '/api/v1/auth_tokens', { user: { ...user, password: 'no' } }, key)).status).toBe(
      401,
    );
    expect((await postJson(sandbox, '/api/v1/auth_tokens', {}, key)).status).toBe(400);
    expect((await postJson(sandbox, '/api/v1/auth_tokens', { user })).status).toBe(401);
  });

  test('every answer says the time and has an id of its own', async () => {
    const sandbox = await sandboxFor();
    const [one, two] = await Promise.all([ask(sandbox, '/api/v1/trips.json'), ask(sandbox, '/nowhere')]);
    for (const { headers } of [one, two])
      expect(headers.get('x-rwgps-datetime')).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(one.headers.get('x-request-id')).not.toBe(two.headers.get('x-request-id'));
    expect([two.status, two.body]).toEqual([404, { error: 'Not found' }]);
  });

  test('a body that is not JSON is a 400', async () => {
    const sandbox = await sandboxFor();
    const answer = await ask(sandbox, '/oauth/token.json', undefined, {
      method: 'POST',
      body: '{',
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.status).toBe(400);
    expect(answer.body.error).toEqual(expect.any(String));
  });
});
