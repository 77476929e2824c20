import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ENGLISH, speak } from '../../src/web/say.ts';
import { isComplaint, launchBrowser, openPage } from '../support/browser.ts';
import { pseudoLanguage, sourceTexts } from '../support/messages.ts';
import { answers } from './answers.ts';
import { COPYING, NOW, queue, sync } from './fixtures.ts';
import { englishIn } from './foreign.ts';
import { PAGES } from './gallery.ts';
import { countPixels } from './pixels.ts';
import { type Site, serveSite } from './site.ts';

let site: Site;
let browser: Browser;
let page: Page;
/** What a reader's console would show: errors, warnings and everything that the policy refused. */
let complaints: string[];

beforeAll(async () => {
  [site, browser] = await Promise.all([serveSite(answers), launchBrowser()]);
});

afterAll(async () => {
  await browser?.close();
  await site?.close();
});

beforeEach(async () => {
  page = await open(1280);
});

afterEach(async () => {
  await page.close();
});

async function open(width: number, options: Parameters<typeof openPage>[1] = {}): Promise<Page> {
  const opened = await openPage(browser, { viewport: { width, height: 720 }, ...options });
  complaints = [];
  opened.on('console', (message) => {
    if (isComplaint(message)) complaints.push(message.text());
  });
  opened.on('pageerror', (error) => complaints.push(String(error)));
  opened.on('requestfailed', (request) => {
    // Leaving a page ends its event stream and what it is still loading; the policy and the network say something else.
    const why = request.failure()?.errorText;
    if (why !== 'net::ERR_ABORTED') complaints.push(`${request.url()}: ${why}`);
  });
  return opened;
}

async function show(address: string): Promise<void> {
  await page.goto(site.url + address);
  if (await page.locator('[data-map]').count()) await page.waitForSelector('[data-map][data-shown]');
}

/** Opens a page that follows reports: what is told before it listens, it never hears. */
async function follow(address: string): Promise<void> {
  await Promise.all([page.waitForResponse('**/sync/events'), show(address)]);
}

describe('in a language with words two fifths longer', () => {
  const foreign = pseudoLanguage(sourceTexts());
  beforeAll(() => speak(() => foreign));
  afterAll(() => speak(() => ENGLISH));

  // And so in English.
  test('every page fits on a phone of 360 pixels, and nothing breaks the policy or complains', async () => {
    await page.close();
    page = await open(360);
    const wide: string[] = [];
    for (const address of Object.keys(PAGES).filter((known) => known !== '/trips/lost')) {
      await show(address);
      const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
      if (overflow > 0) wide.push(`${address} by ${overflow} pixels`);
    }
    expect(wide).toEqual([]);
    expect(complaints).toEqual([]);
  }, 240_000);

  test('the browser’s part says everything in it too, and asks for the texts once', async () => {
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    for (const address of ['/trips/1', '/library', '/sync-copying', '/trips/1/history/3']) {
      asked.length = 0;
      await show(address);
      if (address === '/trips/1') {
        await page.locator('[data-plot]').first().focus();
        for (const key of ['ArrowRight', '[', 'ArrowRight', ']']) await page.keyboard.press(key);
        await expect.poll(() => page.locator('[data-stretch]').textContent()).toContain('⟦');
        await page.locator('.u-over').first().click();
        await page.locator('.ends').waitFor();
      }
      expect(englishIn(await page.content())).toEqual([]);
      expect(await page.locator('html').getAttribute('lang')).toBe(foreign.tag);
      expect(asked.filter((path) => path.startsWith('/texts/'))).toHaveLength(1);
    }
    expect(complaints).toEqual([]);
  });
});

test('a page asks nobody else for anything, not even for its map', async () => {
  const asked = new Set<string>();
  page.on('request', (request) => asked.add(new URL(request.url()).origin));
  await show('/trips/1');
  expect([...asked].filter((origin) => origin !== 'null')).toEqual([site.url]);
});

test.each(['/trips/1', '/routes/1', '/trips/date-line', '/trips/far', '/trips/long'])(
  'the map of %s draws the track, all of it in sight',
  async (address) => {
    await show(address);
    expect(await page.locator('.sketch').isVisible()).toBe(false);
    expect(await countPixels(page, '.map canvas', '#cc4218')).toBeGreaterThan(1_000);
    expect(complaints).toEqual([]);
  },
);

test('the map takes the colours of the night when the night comes', async () => {
  await show('/trips/1');
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect.poll(() => countPixels(page, '.map canvas', '#ff7a4d'), { timeout: 10_000 }).toBeGreaterThan(1_000);
  expect(complaints).toEqual([]);
});

test('when a window is made small the whole track stays in sight', async () => {
  await show('/trips/1');
  await page.setViewportSize({ width: 360, height: 720 });
  await expect.poll(() => countPixels(page, '.map canvas', '#cc4218'), { timeout: 10_000 }).toBeGreaterThan(500);
  expect(complaints).toEqual([]);
});

test('hovering the profile moves a cursor on the map, and hovering the map moves it on the profile', async () => {
  await show('/trips/1');
  const cursor = page.locator('.map-cursor');
  expect(await cursor.count()).toBe(0);

  const over = page.locator('.u-over').first();
  await over.hover();
  expect(await cursor.isVisible()).toBe(true);
  expect(await page.locator('[data-reading]').textContent()).toMatch(
    /^32\.\d\u202fkm.*h.*m.*%.*km\/h.*bpm.*rpm.*W.*°C$/,
  );
  const there = await cursor.boundingBox();

  await page.mouse.move(700, 700);
  await page.mouse.move(0, 0);
  await expect.poll(() => cursor.count()).toBe(0);
  await page.mouse.move((there?.x ?? 0) + 8, (there?.y ?? 0) + 8);
  await expect.poll(() => page.locator('[data-reading]').textContent()).toMatch(/^32\.\d\u202fkm/);
  const [line, plot] = [await page.locator('.u-cursor-x').first().boundingBox(), await over.boundingBox()];
  expect(((line?.x ?? 0) - (plot?.x ?? 0)) / (plot?.width ?? 1)).toBeCloseTo(0.5, 1);
});

test('an item without positions, without elevation or without an answer says so quietly', async () => {
  await show('/trips/indoors');
  expect(await page.locator('.map').textContent()).toBe('No positions recorded');
  await show('/trips/nothing');
  expect(await page.locator('.plot').textContent()).toBe('No elevation recorded');
  await show('/trips/lost');
  expect(await page.locator('.map').textContent()).toContain('This could not be shown.');
});

test('without script an item shows the sketch of its track, and what its charts would say', async () => {
  await page.close();
  page = await open(1280, { javaScriptEnabled: false });
  await page.goto(`${site.url}/trips/1`);
  expect(await page.locator('.sketch').isVisible()).toBe(true);
  expect(await page.locator('.plot').first().isVisible()).toBe(false);
  expect(await page.locator('[data-chart="h"] .chart-words').textContent()).toMatch(/^average 140\u202fbpm/);
  expect(await page.locator('[data-chart="h"] .chart-words').isVisible()).toBe(true);
});

test('the sync page follows the backfill to its end without a reload', async () => {
  await follow('/sync-copying');
  await page.evaluate('document.body.setAttribute("data-never-reloaded", "")');
  const bar = page.locator('[data-live-bar]');
  expect(await bar.getAttribute('value')).toBe('312');

  const half = { ...COPYING, backfill: { done: 800, total: 1247, rate: 4, seconds_left: 110 } };
  await site.tell({ accounts: [sync(half)], queue: queue({ pending: 440, active: 4 }) });
  await expect.poll(() => page.locator('[data-live-done]').textContent()).toBe('800 of 1,247');
  expect(await bar.getAttribute('value')).toBe('800');
  expect(await page.locator('[data-live-left]').textContent()).toBe('About 2 minutes left');
  expect(await page.locator('[data-glance-words]').textContent()).toBe('800 of 1,247 copied');

  const now = new Date().toISOString();
  await site.tell({ accounts: [sync({ last_reconciled_at: now, last_audit: null })], queue: queue() });
  await expect.poll(() => page.locator('[data-live-sentence]').textContent()).toBe('All is well as of just now.');
  expect(await bar.isVisible()).toBe(false);
  expect(await page.locator('[data-live-verdict]').getAttribute('data-tone')).toBe('good');

  await site.tell({ accounts: [sync({ last_reconciled_at: now })], queue: queue({ dead: 1 }) });
  await expect.poll(() => page.locator('[data-live-changed]').isVisible()).toBe(true);
  await site.tell({ accounts: [sync({ last_reconciled_at: now, held: 2 })], queue: queue() });
  await expect.poll(() => page.locator('[data-glance-words]').textContent()).toBe('2 deletions held');
  expect(await page.locator('[data-live-sentence]').textContent()).toBe('2 deletions wait for your word.');
  expect(await page.locator('[data-live-changed]').isVisible()).toBe(true);
  expect(await page.locator('[data-never-reloaded]').count()).toBe(1);
});

test('what the frame says of the copy grows old with the page', async () => {
  await page.clock.install({ time: NOW });
  await show('/settings');
  const words = page.locator('[data-glance-words]');
  expect(await words.textContent()).toBe('1,247 of 1,247 verified 9 hours ago');
  await page.clock.runFor(2 * 3_600_000);
  await expect.poll(() => words.textContent()).toBe('1,247 of 1,247 verified 11 hours ago');
});

test('rides that arrive while the library is open are offered, not pushed in', async () => {
  await follow('/library-copying');
  const rows = await page.locator('.row').count();
  await site.tell({
    accounts: [sync({ ...COPYING, backfill: { done: 324, total: 1247, rate: 4, seconds_left: 220 } })],
    queue: queue({ pending: 900 }),
  });
  await expect.poll(() => page.locator('[data-arrivals-link]').textContent()).toBe('12 new rides: show');
  expect(await page.locator('.row').count()).toBe(rows);
});

test('addresses and a new token can be copied with one press', async () => {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await show('/settings');
  const button = page.getByRole('button', { name: 'Copy: Webhook URL' });
  await button.click();
  await expect.poll(() => button.textContent()).toBe('Copied');
  expect(await page.evaluate('navigator.clipboard.readText()')).toBe('https://rides.example.org/webhooks/ridewithgps');
});

test('a page stays small: at most 50 KB of script on the way before there is a map', async () => {
  const scripts = new Set<string>();
  page.on('request', (request) => {
    if (request.url().endsWith('.js')) scripts.add(request.url());
  });
  await show('/sync');
  const small = await bytesOf(scripts);
  expect(small).toBeGreaterThan(1_000);
  expect(small).toBeLessThan(20_000);
  await show('/trips/1');
  expect(await bytesOf([...scripts].filter((url) => !url.includes('/assets/map')))).toBeLessThan(50_000);
});

/** On the way, packed. */
async function bytesOf(scripts: Iterable<string>): Promise<number> {
  let bytes = 0;
  for (const url of scripts) bytes += gzipSync(Buffer.from(await (await fetch(url)).arrayBuffer())).length;
  return bytes;
}
