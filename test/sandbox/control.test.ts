import { describe, expect, test } from 'vitest';
import { runSandbox } from '../../src/cli/sandbox.ts';
import type { Sandbox } from '../../src/sandbox/index.ts';
import {
  ask,
  CLIENT,
  firstOf,
  listOf,
  objectOf,
  postForm,
  postJson,
  receiver,
  sandboxFor,
  TWO_RIDERS,
} from './support.ts';

const act = (sandbox: Sandbox, verb: string, body: unknown = {}) => postJson(sandbox, `/sandbox/api/${verb}`, body);
const page = async (sandbox: Sandbox, path = '/sandbox') => (await fetch(sandbox.url + path)).text();

describe('control by JSON', () => {
  test('creates, edits, pins, unpins and deletes', async () => {
    const sandbox = await sandboxFor({ riders: TWO_RIDERS });
    const { body } = await act(sandbox, 'create', {
      rider: 1,
      type: 'trip',
      name: 'Ours',
      points: [
        { x: 14, y: 46 },
        { x: 14.1, y: 46 },
      ],
    });
    expect(body).toMatchObject({ ok: true, type: 'trip', id: expect.any(Number) });
    const { type, id } = body;
    await act(sandbox, 'edit', { type, id, name: 'Renamed', visibility: 'private', attributes: { future_key: 1 } });
    expect(sandbox.object('trip', Number(id))).toMatchObject({
      name: 'Renamed',
      visibility: 'private',
      future_key: 1,
      track_points: [{}, {}],
    });
    expect((await act(sandbox, 'pin', { rider: 1, type, id })).body).toEqual({ ok: true });
    expect(sandbox.world.pinned(1)).toHaveLength(1);
    await act(sandbox, 'unpin', { rider: 1, type, id });
    expect(sandbox.world.pinned(1)).toHaveLength(0);
    await act(sandbox, 'delete', { type, id });
    expect(sandbox.world.find('trip', Number(id))).toBeUndefined();
  });

  test('issues and revokes tokens, and tells the state of everything', async () => {
    const sandbox = await sandboxFor();
    const { token } = (await act(sandbox, 'issue-token', { rider: 1 })).body;
    expect((await ask(sandbox, '/current.json', String(token))).status).toBe(200);
    const state = (await ask(sandbox, '/sandbox/api/state')).body;
    expect(state).toMatchObject({
      riders: [{ id: 1, routes: 3, trips: 5, pins: [] }],
      clients: [{ apiKey: CLIENT.apiKey }],
      tokens: [{ token }],
      webhooks: { paused: false, sent: [] },
    });
    await act(sandbox, 'revoke-all', { rider: 1 });
    expect((await ask(sandbox, '/current.json', String(token))).status).toBe(401);
  });

  test('sets faults and clears them, and refuses a fault nobody knows', async () => {
    const sandbox = await sandboxFor();
    expect((await act(sandbox, 'faults', { latencyMs: 5, nextStatus: [503] })).body).toMatchObject({
      ok: true,
      faults: { latencyMs: 5 },
    });
    const wrong = await act(sandbox, 'faults', { latency: 5 });
    expect([wrong.status, wrong.body.error]).toEqual([422, expect.stringContaining('latency')]);
    await act(sandbox, 'fail-next', { n: 2, status: 429, retry_after: 3 });
    expect(sandbox.faults.current).toMatchObject({ nextStatus: [429, 429], nextRetryAfter: 3 });
    await act(sandbox, 'clear-faults');
    expect(sandbox.faults.current).toMatchObject({ latencyMs: 0, nextStatus: [] });
  });

  test.each([
    ['nothing-like-it', {}, 404],
    ['edit', { type: 'trip', id: 999_999, name: 'x' }, 422],
    ['edit', { type: 'segment', id: 1 }, 422],
    ['create', { type: 'trip' }, 422],
    ['webhook-url', { url: 'javascript:alert(1)' }, 422],
  ])('%s with %j is refused with a reason', async (verb, body, status) => {
    const answer = await act(await sandboxFor(), verb, body);
    expect([answer.status, answer.body.error]).toEqual([status, expect.any(String)]);
  });

  test('is not for the pages of other sites', async () => {
    const sandbox = await sandboxFor();
    const answer = await postForm(sandbox, '/sandbox/api/down', {}, { 'sec-fetch-site': 'cross-site' });
    expect(answer.status).toBe(403);
    expect(sandbox.faults.current.down).toBe(false);
  });

  test('steers webhooks', async () => {
    const hook = await receiver();
    const sandbox = await sandboxFor();
    await act(sandbox, 'issue-token', { rider: 1 });
    await act(sandbox, 'webhook-url', { url: hook.url });
    await act(sandbox, 'lose');
    await act(sandbox, 'create', { rider: 1, type: 'route' });
    await act(sandbox, 'drain');
    await act(sandbox, 'upload', { rider: 1, delay_seconds: 0 });
    await expect.poll(() => hook.notifications().map(({ action }) => action)).toEqual(['created', 'updated']);
    await act(sandbox, 'replay', { index: 0 });
    await act(sandbox, 'drain');
    expect(hook.notifications().some(({ item_type }) => item_type === 'route')).toBe(true);
  });
});

describe('control by forms', () => {
  test('does the thing, shows its webhook and comes back to the same list', async () => {
    const hook = await receiver();
    const sandbox = await sandboxFor({ clients: [{ ...CLIENT, webhookUrl: hook.url }] });
    sandbox.world.issueToken(1, CLIENT.apiKey);
    const answer = await postForm(sandbox, '/sandbox/api/create', {
      page_rider: '1',
      page_type: 'route',
      rider: '1',
      type: 'route',
      name: '',
    });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/sandbox?done=create&rider=1&type=route']);
    const shown = await page(sandbox, answer.headers.get('location') ?? '');
    expect(shown).toContain('Created.');
    expect(shown).toContain('<span class="ok">200</span>');
    expect(firstOf(sandbox.world.items(1, 'route')).name).not.toBe('');
  });

  test('empties a description and says what was wrong', async () => {
    const sandbox = await sandboxFor();
    const { id } = firstOf(sandbox.world.items(1, 'trip'));
    sandbox.world.edit('trip', id, { description: 'old' });
    await postForm(sandbox, '/sandbox/api/edit', { type: 'trip', id: String(id), description: '' });
    expect(sandbox.object('trip', id).description).toBe('');
    const answer = await postForm(sandbox, '/sandbox/api/delete', { type: 'trip', id: '999999' });
    expect(await page(sandbox, answer.headers.get('location') ?? '')).toContain('The sandbox has no trip 999999.');
  });

  test('names are shown as text, never as markup', async () => {
    const sandbox = await sandboxFor();
    const { id } = sandbox.world.create(1, 'trip', {
      name: '<img src=x onerror=alert(1)>',
      description: '</textarea><script>',
    });
    for (const path of ['/sandbox', `/trips/${id}`]) {
      const shown = await page(sandbox, path);
      expect(shown).toContain('&lt;img src=x');
      expect(shown).not.toMatch(/<img|<script/);
    }
  });

  test('pages ask nobody else for anything', async () => {
    const sandbox = await sandboxFor({ riders: TWO_RIDERS });
    for (const path of ['/sandbox', '/sandbox?rider=2&type=route', '/trips/1001', '/routes/1001']) {
      const shown = (await page(sandbox, path)).replaceAll(sandbox.url, '');
      expect(shown).toContain('</html>');
      expect(shown).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
    }
  });

  test('photos of items are pictures', async () => {
    const sandbox = await sandboxFor({ riders: [{ id: 1, name: 'A', routes: 0, trips: 30, points: 20 }] });
    const photos = sandbox.world.items(1).flatMap(({ type, id }) => listOf(sandbox.object(type, id).photos));
    const answer = await fetch(String(firstOf(photos).url));
    expect(answer.headers.get('content-type')).toBe('image/png');
    const picture = Buffer.from(await answer.arrayBuffer());
    expect(picture.subarray(1, 4).toString()).toBe('PNG');
    expect([picture.readUInt32BE(16), picture.readUInt32BE(20)]).toEqual([800, 600]);
  });
});

test('the command starts it and says what to open and what to set', async () => {
  const lines: string[] = [];
  const { sandbox } = await runSandbox({ port: 0, print: (line) => lines.push(line) });
  const state = objectOf((await ask(sandbox, '/sandbox/api/state')).body);
  await sandbox.close();
  expect(listOf(state.riders)).toMatchObject([{ routes: 40, trips: 160 }]);
  expect(lines.join('\n')).toContain(`RWGPS_BASE_URL=${sandbox.url}`);
  await expect(fetch(sandbox.url)).rejects.toThrow();
});
