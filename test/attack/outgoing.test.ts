import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { createHttpClient } from '../../src/http/client.ts';
import { createDownloader } from '../../src/http/download.ts';
import type { LibraryItem } from '../../src/storage/library.ts';
import type { SyncReport } from '../../src/storage/sync.ts';
import {
  type Browser,
  createBrowser,
  type Installation,
  startInstallation,
  webhookUrl,
} from '../support/slipstream.ts';
import { until } from '../support/until.ts';
import { bodyOf, deliver, notification } from '../support/webhook.ts';
import { type Front, type Listener, startEvil, startFront } from './listeners.ts';

const OWNER = { source: 'ridewithgps', account: '1' } as const;

let evil: Awaited<ReturnType<typeof startEvil>>;
beforeAll(async () => {
  evil = await startEvil();
});
afterAll(() => evil.close());
// Whatever a test does: not a request, not even one without a token.
afterEach(() => expect(evil.heard).toEqual([]));

/** Every way of writing an address that leads, or may seem to lead, elsewhere. */
function elsewhere({ host, url }: Listener, ours: string): string[] {
  const { host: ourHost, hostname, port } = new URL(ours);
  return [
    url,
    `${url}/trips/1.json`,
    `//${host}/trips/1.json`,
    `http://${ourHost}@${host}/trips/1.json`,
    `http://user:password@${host}/trips/1.json`,
    `http://${hostname}:${new URL(url).port}/trips/1.json`,
    `http://localhost.:${new URL(url).port}/trips/1.json`,
    `http://${hostname}.:${port}@${host}/trips/1.json`,
    `http:\\\\${host}\\trips\\1.json`,
    `http://${host}/trips/1.json?privacy_code=abc#@${ourHost}`,
    `http://${host}%2f@${ourHost}/`,
    `\t${url}/trips/1.json`,
  ];
}

describe('an address in what the provider, or somebody in its name, says', () => {
  let here: Installation;
  let front: Front;
  let browser: Browser;

  beforeAll(async () => {
    here = await startInstallation({ connectsWebhooks: false });
    front = await startFront(here.sandbox.url);
    // The same program, with the front as its provider.
    here.environment.RWGPS_BASE_URL = front.url;
    await here.restart();
    browser = await here.connect();
  });
  afterAll(async () => {
    await here.close();
    await front.close();
  });
  beforeEach(() => front.pass());

  const tokens = () =>
    new Set(front.heard.map(({ headers }) => headers.authorization).filter((each) => each !== undefined));

  test('is nothing that a webhook can make us follow', async () => {
    const [trip] = here.sandbox.world.items(1, 'trip');
    for (const item_url of elsewhere(evil, front.url)) {
      here.sandbox.world.edit('trip', trip?.id ?? 0, { name: item_url }, { silent: true });
      const collection = { id: 1, type: 'pinned', url: item_url };
      const body = bodyOf(
        notification({ item_id: trip?.id, item_url, url: item_url, host: evil.host }),
        notification({ item_id: trip?.id, item_url, action: 'added', collection }),
      );
      expect((await deliver(webhookUrl(here.app), body)).status).toBe(200);
      await here.settled();
      const { item } = await browser.json<{ item: LibraryItem }>(`/api/v1/trips/${trip?.id}`);
      expect(item.name).toBe(item_url);
    }
    expect(tokens().size).toBe(1);
  });

  test('does not lead the inventory, the pins or the next reconciliation away', async () => {
    const origin = front.url.replaceAll('/', '\\/?').replaceAll('.', '\\.');
    for (const address of elsewhere(evil, front.url)) {
      const began = Date.now();
      for (const path of ['/api/v1/sync.json', '/api/v1/routes.json', '/api/v1/trips.json', '/api/v1/collections'])
        front.rewrite(path, (text) => withAddresses(text, address).replaceAll(new RegExp(origin, 'g'), address));
      await here.app.reconciler.reconcile(OWNER);
      await here.app.auditor.audit(OWNER);
      await here.settled();
      const report = await browser.json<SyncReport>('/api/v1/sync');
      expect(report.accounts[0]).toMatchObject({ trouble: null, last_audit: { compared: 6, different: 0 } });
      expect(Date.parse(report.accounts[0]?.last_audit?.at ?? '')).toBeGreaterThanOrEqual(began);
    }
    const paths = new Set(front.heard.map(({ url }) => url.split('?')[0]));
    for (const path of ['/api/v1/sync.json', '/api/v1/trips.json', '/api/v1/collections/pinned.json'])
      expect([...paths]).toContain(path);
    expect(tokens().size).toBe(1);
  });

  test('a privacy code out of it goes to that item’s path of our provider, and nowhere else', async () => {
    front.heard.length = 0;
    const [one, other] = here.sandbox.world.items(1, 'trip');
    const item_url = `${evil.url}/trips/${one?.id}.json?privacy_code=the-code`;
    await deliver(webhookUrl(here.app), bodyOf(notification({ item_id: one?.id, item_url })));
    await deliver(webhookUrl(here.app), bodyOf(notification({ item_id: other?.id })));
    await until(() => front.heard.some(({ url }) => url.startsWith(`/api/v1/trips/${other?.id}.json`)), 30_000);
    await until(() => front.heard.some(({ url }) => url.includes('the-code')), 30_000);
    await here.settled();
    await here.app.auditor.audit(OWNER);
    const withCode = front.heard.filter(({ url, headers }) => JSON.stringify([url, headers]).includes('the-code'));
    for (const { url } of withCode) expect(url).toBe(`/api/v1/trips/${one?.id}.json?privacy_code=the-code`);
  }, 60_000);

  test('in a redirect is not followed, and nothing is believed because of it', async () => {
    const [trip] = here.sandbox.world.items(1, 'trip');
    const before = await browser.json<{ meta: { total: number } }>('/api/v1/trips');
    front.heard.length = 0;
    front.redirect('/api/', 302, `${evil.url}/api/v1/trips/1.json`);
    expect((await deliver(webhookUrl(here.app), bodyOf(notification({ item_id: trip?.id })))).status).toBe(200);
    await until(() => front.heard.some(({ url }) => url.startsWith(`/api/v1/trips/${trip?.id}`)), 30_000);
    await Promise.allSettled([here.app.reconciler.reconcile(OWNER), here.app.auditor.audit(OWNER)]);
    expect(await browser.json('/api/v1/trips')).toEqual(before);
  });

  test('of where to exchange a code or revoke a token is not taken from a redirect either', async () => {
    for (const status of [301, 302, 307, 308]) {
      front.redirect('/oauth/token', status, `${evil.url}/oauth/token.json`);
      const stranger = createBrowser(here.app.url);
      expect((await stranger.connect(1)).status).toBeGreaterThanOrEqual(400);
      expect((await stranger.get('/api/v1/sync')).status).toBe(401);
    }
    front.redirect('/oauth/revoke', 307, `${evil.url}/oauth/revoke.json`);
    await browser.post('/disconnect', { data: 'keep' });
    const asked = front.heard.map(({ url }) => url);
    expect(asked).toEqual(expect.arrayContaining(['/oauth/token.json', '/oauth/revoke.json']));
  });
});

describe('the client for one origin', () => {
  test.each([301, 302, 303, 307, 308])('follows no redirect with %i, to whichever host', async (status) => {
    const ours = await startFront(evil.url);
    const client = createHttpClient(new URL(ours.url));
    const locations = [...elsewhere(evil, ours.url), `${ours.url}/stolen`, '/stolen', 'stolen', ''];
    for (const location of locations) {
      ours.redirect('/', status, location.trim());
      await expect(client.get('/x', { authorization: 'Bearer secret' })).rejects.toThrow(/redirect/);
      await expect(client.postJson('/x', {}, { client_secret: 'secret' })).rejects.toThrow(/redirect/);
    }
    expect(ours.heard.map(({ url }) => url)).toEqual(locations.flatMap(() => ['/x', '/x']));
    await client.close();
    await ours.close();
  });

  test('sends nothing to another one, however a path is written', async () => {
    const ours = await startEvil();
    const client = createHttpClient(new URL(ours.url));
    const { host } = evil;
    for (const path of [
      `//${host}/x`,
      `/\\${host}/x`,
      `\\\\${host}/x`,
      `/\t/${host}/x`,
      `/\n/${host}/x`,
      `${evil.url}/x`,
      `@${host}/x`,
      `.${host}/x`,
      '',
      'x',
      '..//x',
    ]) {
      const sent = client.get(path, { authorization: 'Bearer secret' });
      await expect(sent, JSON.stringify(path)).rejects.toThrow(/outside the configured origin/);
      await expect(client.postJson(path, {}, { client_secret: 'secret' })).rejects.toThrow();
    }
    // What only looks like it stays with us.
    await client.get(`/@${host}/x`, {});
    await client.get(`/x?next=${evil.url}`, {});
    await client.get(`/%2f${host}/x`, {});
    expect(ours.heard).toHaveLength(3);
    await client.close();
    await ours.close();
  });
});

describe('what photos are fetched with', () => {
  test('reaches nothing in a private network, though the name of a host is allowed, but the configured origin', async () => {
    const ours = await startEvil();
    const downloader = createDownloader(new URL(ours.url), () => true);
    const port = new URL(evil.url).port;
    await expect(downloader.get(`http://localhost:${port}/photos/1.png`)).rejects.toThrow('PRIVATE_ADDRESS');
    for (const host of ['127.0.0.1', '[::1]', '2130706433', '0x7f.1', '0', '[::ffff:127.0.0.1]'])
      await expect(downloader.get(`http://${host}:${port}/photos/1.png`), host).rejects.toThrow(/not the provider/);
    await downloader.get('/photos/1.png');
    expect(ours.heard.map(({ url }) => url)).toEqual(['/photos/1.png']);
    await downloader.close();
    await ours.close();
  });
});

describe('RWGPS_BASE_URL', () => {
  const baseUrl = (value: string) => readConfig({ RWGPS_BASE_URL: value }).ridewithgps.baseUrl;

  test.each([
    ['https://ridewithgps.com', 'https://ridewithgps.com'],
    ['https://ridewithgps.com/', 'https://ridewithgps.com'],
    ['https://RideWithGPS.com:443', 'https://ridewithgps.com'],
    ['http://127.0.0.1:3001///', 'http://127.0.0.1:3001'],
    ['http://[::1]:3001', 'http://[::1]:3001'],
  ])('%s is the origin %s', (given, origin) => {
    expect(baseUrl(given)).toBe(origin);
  });

  test.each([
    ['https://user@ridewithgps.com', /RWGPS_BASE_URL: must not have a user or a password/],
    ['https://ridewithgps.com:hunter2@evil.example', /RWGPS_BASE_URL: must not have a user or a password/],
    ['https://ridewithgps.com.', /RWGPS_BASE_URL: must not have a dot at the end/],
    ['https://ridewithgps.com./', /RWGPS_BASE_URL: must not have a dot at the end/],
    ['https://ridewithgps.com/api/v1', /RWGPS_BASE_URL: must end after the host/],
    ['https://ridewithgps.com/?x=1', /RWGPS_BASE_URL: must end after the host/],
    ['https://ridewithgps.com#x', /RWGPS_BASE_URL: must end after the host/],
    ['ftp://ridewithgps.com', /RWGPS_BASE_URL: must be an address/],
    ['ridewithgps.com', /RWGPS_BASE_URL: must be an address/],
    ['javascript:alert(1)', /RWGPS_BASE_URL: must be an address/],
  ])('%s is refused, and the sentence says what is wrong', (given, sentence) => {
    expect(() => baseUrl(given)).toThrow(sentence);
    expect(() => baseUrl(given)).not.toThrow('hunter2');
  });
});

/** Puts an address wherever an answer may have one. */
function withAddresses(text: string, address: string): string {
  try {
    const answer = JSON.parse(text) as Record<string, unknown>;
    const meta = (answer.meta ?? {}) as Record<string, unknown>;
    const pagination = (meta.pagination ?? undefined) as Record<string, unknown> | undefined;
    if (pagination && pagination.next_page_url !== undefined && pagination.page_count !== undefined) {
      // A next page, once: our own counting has to find that there is none.
      pagination.next_page_url = address;
    }
    meta.next_sync_url = address;
    meta.next_page_url = address;
    return JSON.stringify({ ...answer, meta, next_page_url: address, url: address });
  } catch {
    return text;
  }
}
