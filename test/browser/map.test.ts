import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { countPixels } from '../web/pixels.ts';
import { buildClient, type Seat, takeSeat } from './support.ts';

const RIDER = { id: 1, name: 'Robin Field', routes: 2, trips: 8, points: 300 };
const TRACK_COLOUR = '#cc4218';
const SOON = { timeout: 20_000 };

let browser: Browser;
beforeAll(async () => {
  [browser] = await Promise.all([launchBrowser(), buildClient()]);
});
afterAll(() => browser?.close());

const drawn = (page: Page, place = '[data-tracks]') => page.waitForSelector(`${place}[data-shown="drawn"]`, SOON);
const pixels = (page: Page, place = '.tracks-map') => countPixels(page, `${place} canvas`, TRACK_COLOUR);

/** Presses where the picture has the track's colour, somewhere in its middle rows. */
async function pressTrack(page: Page, place: string): Promise<void> {
  const canvas = page.locator(`${place} canvas`);
  const box = await canvas.boundingBox();
  const picture = (await canvas.screenshot()).toString('base64');
  const at = await page.evaluate<{ x: number; y: number }>(`(${FIND})("data:image/png;base64,${picture}")`);
  await page.mouse.click((box?.x ?? 0) + at.x, (box?.y ?? 0) + at.y);
}

const FIND = `async (picture) => {
  const image = new Image();
  image.src = picture;
  await image.decode();
  const context = new OffscreenCanvas(image.width, image.height).getContext('2d');
  context.drawImage(image, 0, 0);
  const { data, width, height } = context.getImageData(0, 0, image.width, image.height);
  const scale = image.width / document.querySelector('.maplibregl-canvas').clientWidth;
  for (let at = 4 * width * Math.floor(height / 3); at < data.length; at += 4) {
    const isTrack = Math.abs(data[at] - 204) < 6 && Math.abs(data[at + 1] - 66) < 6 && Math.abs(data[at + 2] - 24) < 6;
    const x = (at / 4) % width;
    if (isTrack && x > 60 && x < width - 60) return { x: x / scale, y: Math.floor(at / 4 / width) / scale };
  }
  throw new Error('There is no track in the picture.');
}`;

test('the map of everything: drawn, opened by a press, narrowed by filters, as heat, on a phone', async () => {
  const seat: Seat = await takeSeat(browser, { riders: [RIDER] });
  const { page, url, context } = seat;
  await seat.signIn();
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Map' }).click();
  await drawn(page);
  const all = await pixels(page);
  expect(all).toBeGreaterThan(300);
  expect(await page.locator('.on-map').textContent()).toBe('All of them are on the map.');

  await pressTrack(page, '.tracks-map');
  const link = page.locator('.map-items a').first();
  await link.waitFor(SOON);
  expect(await link.getAttribute('href')).toMatch(/^\/(trips|routes)\/\d+$/);
  await page.keyboard.press('Escape');
  await expect.poll(() => page.locator('.map-items').count(), SOON).toBe(0);
  await pressTrack(page, '.tracks-map');
  await link.click();
  await page.waitForURL(/\/(trips|routes)\/\d+$/);
  await page.goBack();
  await drawn(page);

  // From the same place: what is in the address is kept.
  const hashOf = () => new URL(page.url()).hash;
  let hash = hashOf();
  await page.mouse.move(900, 500);
  await page.mouse.wheel(0, -300);
  await expect.poll(() => hashOf() !== hash && /^#\d+(\.\d+)?\/-?\d+/.test(hashOf()), SOON).toBe(true);
  await expect
    .poll(
      () => {
        const before = hash;
        hash = hashOf();
        return hash === before;
      },
      // A slow machine draws a moment between two steps of one turn of the wheel.
      { ...SOON, interval: 2_000 },
    )
    .toBe(true);
  await page.getByRole('link', { name: 'Heat' }).click();
  await page.waitForURL(/as=heat/);
  await drawn(page);
  expect(hashOf()).toBe(hash);
  expect(await page.locator('.heat-legend').textContent()).toContain('the more often you passed');

  await page.goto(`${url}/map`);
  await page.getByRole('navigation', { name: 'Which items' }).getByRole('link', { name: 'Routes' }).click();
  await page.waitForURL(/show=routes/);
  await drawn(page);
  expect(await page.locator('.found strong').textContent()).toBe('2');
  await page.getByRole('link', { name: 'As a list' }).click();
  await page.waitForURL(`${url}/library?show=routes`);
  await expect.poll(() => page.locator('.row').count(), SOON).toBe(2);

  const phone = await context.newPage();
  await phone.setViewportSize({ width: 360, height: 740 });
  await phone.goto(`${url}/map`);
  await drawn(phone);
  expect(await phone.evaluate('document.documentElement.scrollWidth')).toBe(360);
  expect(await pixels(phone)).toBeGreaterThan(50);
  await phone.goto(`${url}/library`);
  expect(await phone.locator('[data-beside]').isVisible()).toBe(false);
  await phone.close();
  expect(seat.complaints).toEqual([]);
});

test('the map beside the list shows what the list shows, marks what is pointed at, and opens what is pressed', async () => {
  const seat: Seat = await takeSeat(browser, { riders: [RIDER] });
  const { page, url, sandbox } = seat;
  const [needle] = sandbox.world.items(1, 'trip');
  sandbox.world.edit('trip', needle?.id ?? 0, { name: 'Needle in the hay' });
  await seat.signIn();
  const loaded: string[] = [];
  page.on('response', (answer) => loaded.push(new URL(answer.url()).pathname));

  await page.setViewportSize({ width: 1000, height: 700 });
  await page.goto(`${url}/library`);
  await page.waitForLoadState('networkidle');
  expect(loaded.filter((path) => /maplibre|tracks-map|\/map\//.test(path))).toEqual([]);

  await page.setViewportSize({ width: 1280, height: 800 });
  await drawn(page, '[data-beside]');
  const all = await pixels(page, '.beside');
  expect(all).toBeGreaterThan(100);
  const ink = () => countPixels(page, '.beside canvas', '#1b1f1e');
  const before = await ink();
  await page.locator('.row a').nth(2).hover();
  await expect.poll(ink, SOON).toBeGreaterThan(before + 20);

  const asked = page.waitForResponse(
    (answer) => answer.url().includes('/map/tiles/') && answer.url().includes('q=needle'),
  );
  await page.locator('#q').fill('needle');
  await asked;
  await expect.poll(() => page.locator('.row').count(), SOON).toBe(1);
  await page.mouse.move(400, 700);
  let last = -1;
  // Until the map has come to rest.
  await expect
    .poll(
      async () => {
        const now = await pixels(page, '.beside');
        const rests = now > 0 && now === last;
        last = now;
        return rests;
      },
      { ...SOON, interval: 400 },
    )
    .toBe(true);
  await pressTrack(page, '.beside');
  await page.waitForURL(`${url}/trips/${needle?.id}`);
  expect(seat.complaints).toEqual([]);
});
