import { request } from 'node:http';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { DeadLetter, SyncReport } from '../../src/storage/sync.ts';
import { buildClient, takeSeat } from '../browser/support.ts';
import { createProgram } from '../cli/program.ts';
import { launchBrowser } from '../support/browser.ts';
import { type Route, routesOf } from '../support/routes.ts';
import { authorize, type Browser, createBrowser, type Installation, startInstallation } from '../support/slipstream.ts';
import { until } from '../support/until.ts';
import { bodyOf, deliver, notification } from '../support/webhook.ts';

const TWO_RIDERS = [
  { id: 1, name: 'Robin Field', routes: 1, trips: 3, points: 20 },
  { id: 2, name: 'Kim Brook', routes: 1, trips: 1, points: 20 },
];
const pathOf = (url: string) => new URL(url).pathname + new URL(url).search;
const leave = async (browser: Browser) => (await browser.get('/connect/ridewithgps')).headers.get('location') ?? '';
const statusOf = async (browser: Browser, path = '/api/v1/trips') => (await browser.get(path)).status;
const accountsOf = async (browser: Browser) =>
  (await browser.json<SyncReport>('/api/v1/sync')).accounts
    .filter(({ source }) => source === 'ridewithgps')
    .map(({ name }) => name);

describe('coming in', () => {
  let here: Installation;
  afterEach(() => here.close());

  test('a session that was there before is replaced and worth nothing afterwards, and a planted one is not taken', async () => {
    here = await startInstallation();
    const browser = createBrowser(here.app.url);
    browser.cookies.set('slipstream', 'planted-by-somebody-who-knows-this-value');
    expect(await statusOf(browser)).toBe(401);
    await browser.connect();
    const first = browser.cookies.get('slipstream') ?? '';
    expect(first).not.toMatch(/planted/);
    await browser.connect();
    const second = browser.cookies.get('slipstream');
    const { pathname } = new URL(await loginLink());
    await browser.get(pathname);
    const third = browser.cookies.get('slipstream') ?? '';
    expect(new Set([first, second, third]).size).toBe(3);
    for (const [value, status] of [
      ['planted-by-somebody-who-knows-this-value', 401],
      [first, 401],
      [second ?? '', 401],
      [third, 200],
    ] as const) {
      browser.cookies.set('slipstream', value);
      expect(await statusOf(browser)).toBe(status);
    }
  });

  test('a state of another browser, a forged one and one used twice connect nothing', async () => {
    here = await startInstallation();
    const victim = createBrowser(here.app.url);
    const attacker = createBrowser(here.app.url);
    const back = pathOf(await authorize(await leave(attacker), 1));
    expect(await statusOf(victim, back)).toBe(400);
    await leave(victim);
    expect(await statusOf(victim, back)).toBe(400);
    expect(await statusOf(victim, '/connect/ridewithgps/callback?code=x&state=y')).toBe(400);
    expect(await statusOf(victim, '/connect/ridewithgps/callback?code=x&state=y&state=z&code=w')).toBe(400);
    expect(await here.app.accounts.list()).toEqual([]);
    expect(await statusOf(attacker, back)).toBe(303);
    expect(await statusOf(attacker, back)).toBe(400);
  });

  test('a state that a stranger has put into the browser connects nothing', async () => {
    here = await startInstallation();
    const away = new URL(await leave(createBrowser(here.app.url)));
    away.searchParams.set('state', 'chosen');
    const back = pathOf(await authorize(away.href, 1));
    const soon = Date.now() + 60_000;
    for (const cookie of [`chosen.${soon}.test-key.unsigned`, `chosen.${soon}.test-key.`, 'chosen', '.', '%E0%A4%A']) {
      const victim = createBrowser(here.app.url);
      victim.cookies.set('slipstream_connect', cookie);
      expect([cookie, await statusOf(victim, back)]).toEqual([cookie, 400]);
    }
    expect(await here.app.accounts.list()).toEqual([]);
  });

  test('a state is good for ten minutes', async () => {
    let ahead = 0;
    here = await startInstallation({ appNow: () => Date.now() + ahead });
    const browser = createBrowser(here.app.url);
    const back = pathOf(await authorize(await leave(browser), 1));
    ahead = 601_000;
    expect(await statusOf(browser, back)).toBe(400);
    expect(await here.app.accounts.list()).toEqual([]);
  });

  test('a cookie in no form that we write is nobody, and breaks no page', async () => {
    here = await startInstallation();
    const browser = createBrowser(here.app.url);
    for (const value of ['%', '%E0%A4%A', '"', '\u00ff', '='.repeat(20), 'x'.repeat(4_000)]) {
      browser.cookies.set('slipstream', value);
      expect([await statusOf(browser, '/'), await statusOf(browser, '/sync'), await statusOf(browser)]).toEqual([
        200, 303, 401,
      ]);
    }
  });

  test('behind https every cookie is HttpOnly, SameSite=Lax, Secure, and of this host alone', async () => {
    const env = { PUBLIC_URL: 'https://rides.example', TRUST_PROXY: '1' };
    here = await startInstallation({ env });
    const browser = createBrowser(here.app.url);
    const begun = await browser.get(`/connect/ridewithgps?setup_code=${await here.app.connect.setUpCode()}`);
    const back = pathOf(await authorize(begun.headers.get('location') ?? '', 1));
    const ended = await browser.get(back);
    expect(ended.status).toBe(303);
    const cookies = [begun, ended].flatMap((response) => response.headers.getSetCookie());
    expect(cookies.map((cookie) => cookie.split('=')[0])).toEqual([
      '__Host-slipstream_connect',
      '__Host-slipstream_connect',
      '__Host-slipstream',
    ]);
    for (const cookie of cookies) {
      for (const attribute of ['HttpOnly', 'SameSite=Lax', 'Secure', 'Path=/']) {
        expect(cookie.split('; ')).toContain(attribute);
      }
      expect(cookie).not.toMatch(/Domain=/i);
    }
    expect(ended.headers.get('strict-transport-security')).toMatch(/max-age=\d{8}/);
    // Another host under the same domain can set a cookie without the prefix: it is not looked at.
    const session = browser.cookies.get('__Host-slipstream') ?? '';
    const other = createBrowser(here.app.url);
    other.cookies.set('slipstream', session);
    expect(await statusOf(other)).toBe(401);
    const ours = { origin: 'https://rides.example', 'x-forwarded-proto': 'https' };
    expect((await post(here.app.url, '/sync/reconcile', { cookie: cookieOf(browser), ...ours })).status).toBe(303);
    const theirs = { ...ours, origin: 'https://evil.rides.example' };
    expect((await post(here.app.url, '/sync/reconcile', { cookie: cookieOf(browser), ...theirs })).status).toBe(403);
  });

  async function loginLink(): Promise<string> {
    const { sessionWriter } = here.app;
    const { hashOf, newSecret } = await import('../../src/seal.ts');
    const secret = newSecret();
    await sessionWriter.addLoginLink(hashOf(secret), 1, Date.now() + 60_000);
    return `${here.app.url}/login/${secret}`;
  }
});

const cookieOf = (browser: Browser) => [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');

/** With these headers and no others that a browser would add. */
const post = (url: string, path: string, headers: Record<string, string>, method = 'POST') =>
  fetch(`${url}${path}`, { method, headers, redirect: 'manual' });

describe('a change that somebody asks for', () => {
  let here: Installation;
  let browser: Browser;
  let changes: Route[];

  beforeAll(async () => {
    here = await startInstallation();
    browser = await here.connect();
    const routes = await routesOf(here.app.url);
    changes = routes.filter(({ method }) => !['GET', 'HEAD'].includes(method));
  });
  afterAll(() => here.close());

  const within = (path: string) => path.replace(/:\w+/g, '1');
  const ofPeople = () => changes.filter(({ path }) => !/^\/(webhooks|control)\//.test(path));

  test('is one of these, and a new one is in the tests below by itself', () => {
    const known = ofPeople().map(({ path }) => path);
    expect(known).toEqual(
      expect.arrayContaining(['/disconnect', '/sign-out', '/settings/tokens', '/api/v1/sync/audit']),
    );
    expect(known.length).toBeGreaterThan(9);
  });

  const elsewhere: [what: string, headers: Record<string, string>][] = [
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['a neighbour under the same domain', { 'sec-fetch-site': 'same-site' }],
    ['another site, says a browser with Origin alone', { origin: 'https://evil.example' }],
    ['another port of this host', { origin: 'http://127.0.0.1:1' }],
    ['a sandboxed frame', { origin: 'null' }],
    ['another site that claims our Origin', { origin: 'http://localhost:3000', 'sec-fetch-site': 'cross-site' }],
    ['nobody knows whom', {}],
    ['another site, through a proxy with a password', { authorization: 'Basic cmlkZXI6cGFzcw==' }],
    ['another site, with a token that is none', { authorization: 'Bearer x', 'sec-fetch-site': 'cross-site' }],
  ];

  test.each(elsewhere)('with our cookie by %s is refused, whatever it is', async (_, headers) => {
    for (const { method, path } of ofPeople()) {
      const response = await post(here.app.url, within(path), { ...headers, cookie: cookieOf(browser) }, method);
      expect([path, response.status]).toEqual([path, 403]);
      expect(await response.text()).toMatch(/must be asked for from the pages|sent by another site/);
    }
    expect(await accountsOf(browser)).toEqual(['Robin Field']);
    expect(await (await browser.get('/settings')).text()).not.toMatch(/tokens\/\d+\/revoke/);
  });

  test('by our own page is done', async () => {
    for (const headers of [
      { 'sec-fetch-site': 'same-origin' },
      { origin: here.app.url },
      { origin: 'http://localhost:3000' },
    ]) {
      const response = await post(here.app.url, '/sync/audit', { ...headers, cookie: cookieOf(browser) });
      expect([headers, response.status]).toEqual([headers, 303]);
    }
  });

  test('with a personal token is done from anywhere: no browser sends one by itself', async () => {
    const authorization = `Bearer ${await tokenOf(browser, 'from anywhere')}`;
    for (const headers of [{}, { 'sec-fetch-site': 'cross-site' }, { cookie: cookieOf(browser) }]) {
      expect((await post(here.app.url, '/api/v1/sync/audit', { authorization, ...headers })).status).toBe(202);
    }
  });

  test('by nobody at all changes nothing', async () => {
    for (const { method, path } of ofPeople()) {
      const response = await post(here.app.url, within(path), {}, method);
      expect([path, path.startsWith('/api/') ? 401 : 303]).toEqual([path, response.status]);
    }
    expect(await here.app.accounts.list()).toHaveLength(1);
  });

  test('of the operator is not there for browsers, signed in or not', async () => {
    const control = changes.filter(({ path }) => path.startsWith('/control/'));
    expect(control.length).toBeGreaterThan(2);
    const authorization = `Bearer ${await tokenOf(browser, 'no operator')}`;
    for (const { method, path } of control) {
      for (const headers of [{ cookie: cookieOf(browser), 'sec-fetch-site': 'same-origin' }, { authorization }, {}]) {
        const response = await post(here.app.url, within(path), { ...headers, 'x-slipstream-account': '1' }, method);
        expect([path, response.status]).toEqual([path, 404]);
      }
    }
  });

  test('of the provider needs its signature, and no cookie stands for that', async () => {
    expect(changes.filter(({ path }) => path.startsWith('/webhooks/'))).toHaveLength(1);
    const headers = { cookie: cookieOf(browser), 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' };
    expect((await post(here.app.url, '/webhooks/ridewithgps', headers)).status).toBe(401);
  });
});

/** The provider's words, as somebody would write them who wants to be more than a name. */
const HOSTILE = `</title></textarea><x-hostile data-hostile="1"></x-hostile><script>pwned()</script>'"><img src=x onerror=pwned()>`;
const LINES = 'Robin\u001b[2J\u001b]0;owned\u0007\r\n\r\ndata: {"accounts":[]}\u2028\u0000\ud800 ';

describe('what the provider calls things', () => {
  let here: Installation;
  let browser: Browser;
  let pages: string[];
  const trip = () => here.sandbox.world.items(1, 'trip')[0]?.id ?? 0;
  const route = () => here.sandbox.world.items(1, 'route')[0]?.id ?? 0;

  beforeAll(async () => {
    here = await startInstallation({
      riders: [{ id: 1, name: LINES + HOSTILE, routes: 1, trips: 3, points: 20 }],
      env: { SIGNUP: 'open' },
    });
    const words = {
      name: HOSTILE,
      description: HOSTILE,
      locality: HOSTILE,
      activity_type: HOSTILE,
      time_zone: HOSTILE,
    };
    const cue = { x: 0, y: 0, d: 1, i: 0, t: HOSTILE, n: HOSTILE };
    const place = { id: 1, type: HOSTILE, type_id: 1, name: HOSTILE, description: HOSTILE, lat: 1, lng: 1 };
    const more = { gear: { make: HOSTILE, description: HOSTILE }, [HOSTILE]: HOSTILE, visibility: 'public' } as const;
    here.sandbox.world.edit('trip', trip(), { ...words, ...more }, { silent: true });
    const lists = { course_points: [cue], points_of_interest: [place], photos: [{ id: 1, caption: HOSTILE }] };
    here.sandbox.world.edit('route', route(), { ...words, ...lists }, { silent: true });
    browser = await here.connect();
    // One more version of each, so that something changed from one hostile word to another.
    for (const [type, id] of [
      ['trip', trip()],
      ['route', route()],
    ] as const)
      here.sandbox.world.edit(type, id, {
        name: `${HOSTILE} again`,
        description: `${HOSTILE} again`,
        [`x${HOSTILE}`]: HOSTILE,
      });
    here.sandbox.world.edit('route', route(), { course_points: [{ ...cue, n: `${HOSTILE} again` }] });
    await browser.post('/settings/tokens', { name: HOSTILE });
    await deliver(`${here.app.url}/webhooks/ridewithgps`, bodyOf(notification({ item_type: HOSTILE })));
    await here.settled();
    const routes = await routesOf(here.app.url);
    const shown = routes.filter(
      ({ method, path }) => method === 'GET' && !/^\/(api|webhooks|control|healthz|readyz|metrics)/.test(path),
    );
    pages = shown.map(({ path }) =>
      path
        .replace(/^\/trips\/:id/, `/trips/${trip()}`)
        .replace(/^\/routes\/:id/, `/routes/${route()}`)
        .replace(':revision', '2'),
    );
  });
  afterAll(() => here.close());

  const riders = () => [
    ...pages.filter((path) => !/^\/(sync\/events|connect\/ridewithgps|map\/.*|.*track\.json)$/.test(path)),
    `/library?q=${encodeURIComponent(HOSTILE)}`,
    `/map?q=${encodeURIComponent(HOSTILE)}`,
    `/map/items?item=trip/${trip()}&item=route/${route()}&item=${encodeURIComponent(HOSTILE)}`,
    `/library?show=${encodeURIComponent(HOSTILE)}&page=${encodeURIComponent(HOSTILE)}`,
    `/${encodeURIComponent(HOSTILE)}`,
    `/trips/${encodeURIComponent(HOSTILE)}`,
    `/connect/ridewithgps/callback?error=${encodeURIComponent(HOSTILE)}`,
    `/login/${encodeURIComponent(HOSTILE)}`,
    '/trips/1/%00',
    '/%E0%A4%A',
  ];

  test('is text on every page, for riders and for visitors, and every page is under a policy without exceptions', async () => {
    expect(pages).toEqual(
      expect.arrayContaining(['/', '/library', '/sync', '/settings', '/login/:secret', `/trips/${trip()}`]),
    );
    const quoted = new Set<string>();
    for (const who of [browser, createBrowser(here.app.url)]) {
      for (const path of riders()) {
        const response = await who.get(path);
        expectSheltered(path, response.headers);
        if (!path.startsWith('/connect/')) expect([path, response.headers.getSetCookie()]).toEqual([path, []]);
        if (response.status === 303) continue;
        expect([path, response.headers.get('content-type')]).toEqual([path, 'text/html; charset=utf-8']);
        const markup = await response.text();
        expectHarmless(path, markup);
        if (markup.includes('&lt;x-hostile data-hostile=&quot;1&quot;&gt;')) quoted.add(path);
      }
    }
    // It was there to be escaped.
    const items = [`/trips/${trip()}`, `/routes/${route()}`];
    const names = ['/library', '/settings', ...items.flatMap((item) => [item, `${item}/history/2`, `${item}/why`])];
    expect([...quoted]).toEqual(expect.arrayContaining(names));
  });

  test('is one line of JSON in the event stream, whatever lines it has', async () => {
    const stream = await browser.get('/sync/events');
    expectSheltered('/sync/events', stream.headers);
    const reader = stream.body?.getReader();
    const text = new TextDecoder().decode((await reader?.read())?.value);
    await reader?.cancel();
    const lines = text.split(/\r\n|\r|\n/).filter((line) => line !== '');
    expect(lines).toHaveLength(1);
    const report = JSON.parse(lines[0]?.replace(/^data: /, '') ?? '') as SyncReport;
    expect(report.accounts[0]?.name).toContain(HOSTILE);
  });

  test('is nothing that a terminal obeys', async () => {
    const program = createProgram();
    for (const command of ['accounts', 'status', 'dead-letters']) {
      const { stdout, stderr } = await program.run([command], { DATA_DIR: here.dataDir });
      expect([command, stdout]).toEqual([command, expect.stringContaining('x-hostile')]);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must not be there.
      expect([command, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/.exec(stdout + stderr)?.index]).toEqual([
        command,
        undefined,
      ]);
    }
    program.close();
  });

  test('is a plain file name, and stays text in every file', async () => {
    for (const [id, kind] of [
      [trip(), 'trips'],
      [route(), 'routes'],
    ] as const) {
      const files = await Promise.all(
        ['json', 'geojson', 'gpx', 'tcx', 'fit'].map((extension) => browser.get(`/api/v1/${kind}/${id}.${extension}`)),
      );
      const earlier = await browser.get(`/api/v1/${kind}/${id}/revisions/1.gpx`);
      expect(XMLValidator.validate(await earlier.text())).toBe(true);
      for (const file of [...files, earlier]) {
        expectSheltered(kind, file.headers);
        expect(file.headers.get('content-disposition')).toMatch(/^attachment; filename="[\w ._-]+"$/);
        expect(file.headers.get('content-type')).not.toMatch(/html|svg/);
      }
      const [json, geojson, gpx] = await Promise.all(files.map((file) => file.text()));
      const name = `${HOSTILE} again`;
      expect(JSON.parse(json ?? '')).toMatchObject({ name, description: name });
      expect(JSON.parse(geojson ?? '').features[0].properties.name).toBe(name);
      expect(XMLValidator.validate(gpx ?? '')).toBe(true);
      expect(new XMLParser({ htmlEntities: true }).parse(gpx ?? '').gpx.trk.name).toBe(name);
    }
  });

  test.each([
    [
      'lines',
      'a\r\nset-cookie: slipstream=planted\r\n\r\n<script>',
      /filename="a set-cookie slipstream planted script \d+\.gpx"/,
    ],
    ['a path', '../../.ssh/authorized_keys', /filename="\.\. \.\. \.ssh authorized_keys \d+\.gpx"/],
    ['a path of Windows', '..\\..\\evil.exe\u0000.gpx', /filename="\.\. \.\. evil\.exe \.gpx \d+\.gpx"/],
    ['quotes and commands', '";$(reboot) `reboot` | x', /filename="reboot reboot x \d+\.gpx"/],
    [
      'letters of other scripts, and what XML cannot hold',
      'Vršič \ufffe\uffff\u0000\ud800 雪',
      /filename\*=UTF-8''Vr%C5%A1i%C4%8D%20%E9%9B%AA%20\d+\.gpx$/,
    ],
    ['nothing but signs', '<>"\'&', /filename="trip \d+\.gpx"/],
  ])('that is %s makes a file name without, and a file that can be read', async (_, name, disposition) => {
    const [, other] = here.sandbox.world.items(1, 'trip').filter(({ id }) => id !== trip());
    const id = other?.id ?? 0;
    here.sandbox.world.edit('trip', id, { name });
    await here.settled();
    const file = await browser.get(`/api/v1/trips/${id}.gpx`);
    expect(file.headers.get('content-disposition')).toMatch(disposition);
    expect(file.headers.get('content-disposition')).not.toMatch(/[\\/]/);
    expect(file.headers.getSetCookie()).toEqual([]);
    const text = await file.text();
    expect(XMLValidator.validate(text)).toBe(true);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must not be there.
    expect(text).not.toMatch(/[\u0000-\u0008\ufffe\uffff]|\p{Cs}/u);
  });

  test('does nothing in a real browser, and no other site can put a page of ours into a frame', async () => {
    await buildClient();
    const chromium = await launchBrowser();
    try {
      const seat = await takeSeat(chromium, { riders: [{ id: 1, name: HOSTILE, routes: 1, trips: 2, points: 20 }] });
      const asked: string[] = [];
      seat.page.on('request', (each) => asked.push(new URL(each.url()).origin));
      await seat.context.exposeFunction('pwned', () => seat.complaints.push('A script of the provider ran.'));
      for (const type of ['trip', 'route'] as const) {
        const [item] = seat.sandbox.world.items(1, type);
        seat.sandbox.world.edit(type, item?.id ?? 0, { name: HOSTILE, description: HOSTILE }, { silent: true });
      }
      await seat.signIn();
      asked.length = 0;
      const [item] = seat.sandbox.world.items(1, 'trip');
      for (const path of ['/library', `/trips/${item?.id}`, '/settings', '/sync']) {
        await seat.show(path);
        expect(await seat.page.locator('x-hostile').count()).toBe(0);
      }
      expect(await seat.page.title()).toMatch(/Slipstream/);
      expect(new Set(asked)).toEqual(new Set([seat.url]));
      expect(seat.complaints).toEqual([]);

      // The provider's own origin is another one too.
      await seat.page.goto(`${seat.sandbox.url}/sandbox`);
      const refused = seat.page.waitForEvent('console', (message) => message.text().includes('frame-ancestors'));
      await seat.page.setContent(`<iframe src="${seat.url}/settings"></iframe>`);
      await refused;
      expect(await seat.page.frames().at(-1)?.locator('form').count()).toBe(0);
    } finally {
      await chromium.close();
    }
  });
});

/** Headers that every answer to a browser has, with each word of the policy. */
function expectSheltered(path: string, headers: Headers): void {
  const policy = new Map(
    (headers.get('content-security-policy') ?? '').split(';').map((directive) => {
      const [name = '', ...values] = directive.trim().split(/\s+/);
      return [name, values];
    }),
  );
  const words = [...policy.values()].flat();
  expect([path, words.filter((word) => /unsafe|\*|^https?:$|nonce|strict-dynamic/.test(word))]).toEqual([path, []]);
  expect([path, policy.get('default-src'), policy.get('frame-ancestors'), policy.get('base-uri')]).toEqual([
    path,
    ["'none'"],
    ["'none'"],
    ["'none'"],
  ]);
  for (const name of ['script-src', 'style-src', 'connect-src', 'worker-src'])
    expect(policy.get(name)).toEqual(["'self'"]);
  expect(policy.has('form-action')).toBe(true);
  expect(headers.get('x-frame-options')).toBe('DENY');
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('referrer-policy')).toBe('same-origin');
  expect(headers.get('x-powered-by')).toBeNull();
}

const TAG = /<\/?([a-z][\w-]*)((?:\s+[a-z][\w:-]*(?:="[^"<>]*")?)*)\s*\/?>|<!doctype html>/gi;

/** Takes a page apart as strictly as our own templates write it: whatever is left over, or would run, is somebody else's. */
function expectHarmless(path: string, markup: string): void {
  expect([path, /[<>]/.exec(markup.replace(TAG, ''))?.[0]]).toEqual([path, undefined]);
  const tags = [...markup.matchAll(TAG)].map(([, name = '', attributes = '']) => ({ name, attributes }));
  expect(tags.length).toBeGreaterThan(10);
  for (const { name, attributes } of tags) {
    expect(['style', 'iframe', 'object', 'embed', 'base', 'x-hostile']).not.toContain(name);
    const names = attributes.replace(/="[^"]*"/g, '');
    expect([path, name, names]).toEqual([path, name, expect.not.stringMatching(/\s(on\w+|style|srcdoc)\b/i)]);
    expect(attributes).not.toMatch(/="\s*(javascript|data|vbscript):/i);
    if (name === 'script') expect(attributes).toMatch(/ src="\/assets\/|^$/);
  }
  expect(markup).not.toMatch(/<script(?![^>]* src=)/);
}

describe('one rider', () => {
  let here: Installation;
  let robin: Browser;
  let kim: Browser;
  let token: string;

  beforeEach(async () => {
    const ecovelo = { ECOVELO_API_KEY: 'a-key', ECOVELO_WEBHOOK_SECRET: 'a-secret' };
    here = await startInstallation({
      riders: TWO_RIDERS,
      env: { SIGNUP: 'open', ECOVELO_BASE_URL: 'http://127.0.0.1:9', ...ecovelo },
    });
    robin = await here.connect(1);
    kim = await here.connect(2);
    token = await tokenOf(kim, 'of Kim');
  });
  afterEach(() => here.close());

  const foreign = () => {
    const own = new Set(here.sandbox.world.items(2).map(({ type, id }) => `${type}/${id}`));
    const [item] = here.sandbox.world.items(1, 'trip').filter(({ type, id }) => !own.has(`${type}/${id}`));
    return item ?? expect.fail('The riders have the same trips.');
  };

  test('asking for what is another one’s gets the answer of what does not exist, at every address', async () => {
    const item = foreign();
    const photos = [{ id: 1, url: '/photos/1/large.png' }];
    here.sandbox.world.edit('trip', item.id, { name: 'Only for Robin', photos });
    await here.settled();
    await here.app.photoCopier.settled();
    const [, picture = ''] = /src="\/photos\/(\w+)"/.exec(await (await robin.get(`/trips/${item.id}`)).text()) ?? [];
    expect(await statusOf(robin, `/photos/${picture}`)).toBe(200);
    const letter = await deadLetterOf(robin, item.id);
    await tokenOf(robin, 'of Robin');
    const [, robins = ''] = /tokens\/(\d+)\/revoke/.exec(await (await robin.get('/settings')).text()) ?? [];
    const ids = new Map([
      [/^(\/api\/v1\/:kind|\/trips)\/:/, String(item.id)],
      [/^(\/api\/v1)?\/dead-letters\/:/, String(letter.id)],
      [/^\/settings\/tokens\/:/, robins],
      [/^\/photos\/:/, picture],
      // Robin is the owner, and so what comes from other sources is Robin's.
      [/^(\/api\/v1\/sources|\/sources|\/connect)\/:/, 'ecovelo'],
    ]);
    // Why something is not here is told of any id: see below.
    const OTHERS = /^\/(webhooks|control|login|map\/tiles)\/|^\/routes\/|^\/api\/v1\/:kind$|\/(why|refetch)$/;
    const withIds = (await routesOf(here.app.url)).filter(({ path }) => path.includes(':') && !OTHERS.test(path));
    const asked = withIds.flatMap(({ method, path }) => {
      // Another kind of address that takes an id has to be added above, with an id of Robin's.
      const [, id] = [...ids].find(([of]) => of.test(path)) ?? expect.fail(`Whose is ${path}?`);
      const filled = path
        .replace(':kind', 'trips')
        .replace(':revision', '1')
        .replace(':type/:id', 'trip/trip_1')
        .replace(':account', '1')
        .replace('revisions/:file', 'revisions/1')
        .replace(/:\w+/, id);
      const endings = path.endsWith(':file')
        ? ['', '.json', '.geojson', '.gpx', '.tcx', '.fit', '.track', '.details']
        : [''];
      return endings.map((ending) => ({
        method,
        path: `${filled}${ending}`,
        absent: filled.replace(`/${id}`, '/987654') + ending,
      }));
    });
    expect(asked.length).toBeGreaterThan(20);
    for (const { method, path, absent } of asked) {
      const [answer, nothing] = await Promise.all(
        [path, absent].map((each) => (method === 'GET' ? kim.get(each) : kim.post(each))),
      );
      expect([path, answer?.status]).toEqual([path, 404]);
      expect(scrubbed(await answer?.text())).toBe(scrubbed(await nothing?.text()));
    }
    // Robin has it all as before.
    expect(await statusOf(robin, `/api/v1/trips/${item.id}.gpx`)).toBe(200);
    expect((await robin.json<{ items: DeadLetter[] }>('/api/v1/dead-letters')).items.map(({ id }) => id)).toContain(
      letter.id,
    );
    expect(await (await robin.get('/settings')).text()).toContain(`tokens/${robins}/revoke`);
  });

  test('is told of another one’s ride what is told of a ride that does not exist, and gets it no other way than the provider’s', async () => {
    const item = foreign();
    here.sandbox.world.edit('trip', item.id, { name: 'Only for Robin', visibility: 'private' });
    await here.settled();
    const routes = (await routesOf(here.app.url)).filter(
      ({ path }) => /\/(why|refetch)$/.test(path) && path.includes(':'),
    );
    expect(routes.map(({ method, path }) => `${method} ${path}`)).toEqual(
      expect.arrayContaining(['GET /trips/:id/why', 'POST /trips/:id/refetch', 'GET /api/v1/:kind/:id/why']),
    );
    const trips = routes.filter(({ path }) => !path.startsWith('/routes/'));
    const ask = async (id: number, { method, path }: Route) => {
      const filled = path
        .replace(':kind', 'trips')
        .replace(':source', 'ridewithgps')
        .replace(':type', 'trip')
        .replace(':id', String(id));
      const answer = await (method === 'GET' ? kim.get(filled) : kim.post(filled));
      return [path, answer.status, scrubbed(await answer.text()).replaceAll(String(id), 'ID')];
    };
    for (const route of trips.filter(({ method }) => method === 'GET'))
      expect(await ask(item.id, route)).toEqual(await ask(987_654, route));
    for (const route of trips.filter(({ method }) => method === 'POST'))
      expect(await ask(item.id, route)).toEqual(await ask(987_654, route));
    await here.settled();
    const told = await (await kim.get(`/trips/${item.id}/why`)).text();
    expect(told).toMatch(/does not show this trip to you|not yours to see/);
    expect(told).not.toMatch(/Robin/);
    expect(await statusOf(kim, `/api/v1/trips/${item.id}`)).toBe(404);
    expect((await (await robin.get(`/trips/${item.id}/why`)).text()).match(/You asked for it/)).toBeNull();
  });

  test('sees no word of another one in any list, page, report, export or search, with a cookie or a token', async () => {
    here.sandbox.world.edit('trip', foreign().id, { name: 'Only for Robin' });
    await here.settled();
    await deadLetterOf(robin, foreign().id);
    const paths = ['/library', '/library?q=Only', '/sync', '/settings', '/api/v1/trips?q=Only', '/api/v1/routes'];
    for (const path of [...paths, '/api/v1/trips?state=deleted', '/api/v1/sync', '/api/v1/dead-letters']) {
      const answers = [await kim.get(path), await fetch(`${here.app.url}${path}`, withToken(token))];
      for (const answer of answers)
        expect([path, await answer.text()]).toEqual([path, expect.not.stringMatching(/Robin/)]);
    }
    // A header of the operator's socket is nothing on the web.
    const posing = await fetch(`${here.app.url}/api/v1/sync`, withToken(token, { 'x-slipstream-account': '1' }));
    expect(((await posing.json()) as SyncReport).accounts.map(({ name }) => name)).toEqual(['Kim Brook']);
    const through = { 'x-forwarded-for': '203.0.113.7' };
    expect((await fetch(`${here.app.url}/metrics`, withToken(token, through))).status).toBe(401);
  });

  test('hears nothing of another one in the event stream, and nothing at all after signing out', async () => {
    const cookie = cookieOf(kim);
    const stream = await fetch(`${here.app.url}/sync/events`, { headers: { cookie } });
    let heard = '';
    const over = (async () => {
      const decoder = new TextDecoder();
      for await (const chunk of stream.body ?? []) heard += decoder.decode(chunk);
      return 'ended';
    })();
    await until(() => heard.includes('\n\n'));
    const before = heard;
    here.sandbox.world.edit('trip', foreign().id, { name: 'Only for Robin' });
    await here.settled();
    here.sandbox.world.edit('trip', here.sandbox.world.items(2, 'trip')[0]?.id ?? 0, { name: 'Only for Kim' });
    await here.settled();
    await until(() => heard !== before);
    expect(heard).not.toMatch(/Robin|"user_id":"1"/);

    await kim.post('/sign-out');
    const told = heard;
    here.sandbox.world.edit('trip', here.sandbox.world.items(2, 'trip')[0]?.id ?? 0, { name: 'Once more' });
    expect(await over).toBe('ended');
    expect(heard).toBe(told);
  });

  test('who erases the account is out everywhere, with every session, token and link', async () => {
    const { hashOf, newSecret } = await import('../../src/seal.ts');
    const [phone, secret] = [await here.connect(2), newSecret()];
    const account = (await here.app.accounts.list()).find(({ user_id }) => user_id === '2');
    await here.app.sessionWriter.addLoginLink(hashOf(secret), account?.id ?? 0, Date.now() + 60_000);
    expect((await fetch(`${here.app.url}/api/v1/trips`, withToken(token))).status).toBe(200);
    await kim.post('/disconnect', { data: 'erase' });
    expect((await fetch(`${here.app.url}/api/v1/trips`, withToken(token))).status).toBe(401);
    expect([await statusOf(kim), await statusOf(phone)]).toEqual([401, 401]);
    expect(await statusOf(createBrowser(here.app.url), `/login/${secret}`)).toBe(410);

    // Whoever comes next is somebody else in every respect.
    await here.connect(2);
    expect((await fetch(`${here.app.url}/api/v1/trips`, withToken(token))).status).toBe(401);
    expect([await statusOf(kim), await statusOf(phone), await accountsOf(robin)]).toEqual([401, 401, ['Robin Field']]);
    expect((await here.app.accounts.list()).map(({ id }) => id)).not.toContain(account?.id);
  });

  async function deadLetterOf(browser: Browser, id: number): Promise<DeadLetter> {
    here.sandbox.faults.set({ statusItems: { [`trip/${id}`]: 400 } });
    await deliver(`${here.app.url}/webhooks/ridewithgps`, bodyOf(notification({ item_id: id })));
    await here.settled();
    here.sandbox.faults.clear();
    const { items } = await browser.json<{ items: DeadLetter[] }>('/api/v1/dead-letters');
    const [letter] = items.filter(({ item_id }) => item_id === String(id));
    return letter ?? expect.fail('Nothing was set aside.');
  }
});

/** Ages grow while a test runs. */
const scrubbed = (text = '') => text.replace(/\d+ (second|minute)s? ago|just now/g, 'lately');

const withToken = (token: string, headers: Record<string, string> = {}) => ({
  headers: { authorization: `Bearer ${token}`, ...headers },
});

async function tokenOf(browser: Browser, name: string): Promise<string> {
  const page = await (await browser.post('/settings/tokens', { name })).text();
  return /<code>([\w-]{43})<\/code>/.exec(page)?.[1] ?? expect.fail('No token was shown.');
}

describe('a page of somebody else whose name leads to this machine', () => {
  test('is not told the metrics, which this machine itself may read', async () => {
    const here = await startInstallation();
    const { port } = new URL(here.app.url);
    const asked = (host: string) =>
      new Promise((resolve, reject) => {
        const headers = { host: `${host}:${port}` };
        request({ host: '127.0.0.1', port, path: '/metrics', headers }, (response) => {
          response.resume().on('end', () => resolve(response.statusCode));
        })
          .on('error', reject)
          .end();
      });
    const answers = [await asked('evil.example'), await asked('localhost'), await asked('127.0.0.1')];
    await here.close();
    expect(answers).toEqual([401, 200, 200]);
  });
});
