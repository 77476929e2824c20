import { readFile } from 'node:fs/promises';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { countPixels } from '../web/pixels.ts';
import { buildClient, takeSeat } from './support.ts';

const SOON = { timeout: 15_000 };

let browser: Browser;

beforeAll(async () => {
  [browser] = await Promise.all([launchBrowser(), buildClient()]);
});

afterAll(() => browser?.close());

interface Place {
  x: number;
  y: number;
}

test('from an item to its history, to one version beside another on a map, and to its file as it was', async () => {
  const seat = await takeSeat(browser, { riders: [{ id: 1, name: 'Robin Field', routes: 2, trips: 1, points: 300 }] });
  const { page, sandbox } = seat;
  await seat.signIn();
  const route = sandbox.world.items(1, 'route')[0];
  const id = route?.id ?? 0;
  const points = sandbox.object('route', id).track_points as Place[];
  const detour = points.map((point, at) => (at > 100 && at < 200 ? { ...point, x: point.x + 0.01 } : point));
  sandbox.world.edit('route', id, { name: 'By the other road', points: detour as never[] });
  await seat.settled();

  await seat.show(`/routes/${id}`);
  await page.getByRole('link', { name: 'History' }).click();
  expect(await page.locator('.version').count()).toBe(2);
  expect(await page.locator('.version-change').first().textContent()).toMatch(/^Renamed from “.+”, another line/);
  await page.getByRole('link', { name: 'Version 2', exact: true }).click();
  await page.waitForSelector('[data-lines][data-shown="drawn"]');
  expect(await page.locator('.two-lines').isVisible()).toBe(false);
  expect(await countPixels(page, '[data-lines] canvas', '#cc4218')).toBeGreaterThan(300);
  // The other line lies beneath it, in another colour, and dashed. The words on the map have the same colour.
  await page.evaluate('document.querySelector(".maplibregl-control-container").hidden = true');
  expect(await countPixels(page, '[data-lines] canvas', '#5b6562')).toBeGreaterThan(50);
  expect(await page.locator('figcaption').textContent()).toMatch(/of it is new\..*of the other one is not in it\./s);
  expect(await page.getByRole('row', { name: /^Name/ }).textContent()).toContain(route?.name);
  const same = page.locator('details.same');
  expect(await same.locator('dl').isVisible()).toBe(false);
  await same.locator('summary').click();
  expect(await same.locator('dl').isVisible()).toBe(true);

  await page.getByRole('link', { name: '← Version 1' }).click();
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toMatch(/^Version 1/);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'JSON of version 1', exact: true }).click(),
  ]);
  expect(download.suggestedFilename()).toBe(`By the other road ${id} version 1.json`);
  expect(JSON.parse(await readFile(await download.path(), 'utf8')).track_points).toEqual(points);
  expect(seat.complaints).toEqual([]);

  const plain = await browser.newContext({ javaScriptEnabled: false, storageState: await seat.context.storageState() });
  const bare = await plain.newPage();
  await bare.goto(`${seat.url}/routes/${id}/history/2`);
  expect(await bare.locator('.two-lines').isVisible()).toBe(true);
  expect(await bare.locator('.two-lines path').count()).toBe(3);
  await plain.close();
});

test('why a ride is not here is told to whoever pastes its address, and what comes of asking shows without a reload', async () => {
  const seat = await takeSeat(browser, { riders: [{ id: 1, name: 'Robin Field', routes: 1, trips: 2, points: 60 }] });
  const { page, sandbox } = seat;
  await seat.signIn();
  const made = sandbox.world.create(1, 'trip', { name: 'Told by nobody' }, { silent: true });

  await page.goto(`${seat.url}/library?q=nowhere`);
  await page.getByRole('link', { name: 'Find out why' }).click();
  await page.getByLabel('Address or number').fill('over the hill');
  await page.getByRole('button', { name: 'Find out' }).click();
  expect(await page.getByText('This is no address of a route or trip').isVisible()).toBe(true);
  await page.getByLabel('Address or number').fill(`https://ridewithgps.com/trips/${made.id}?privacy_code=secret`);
  await page.getByRole('button', { name: 'Find out' }).click();
  await page.waitForURL(`${seat.url}/trips/${made.id}/why`);
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toMatch(/has not told us of it: /);

  sandbox.faults.set({ latencyMs: 1_500 });
  await page.getByRole('button', { name: 'Ask for it now' }).click();
  await page.evaluate('document.body.setAttribute("data-never-reloaded", "")');
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toMatch(/^It is on its way/);
  await expect.poll(() => page.getByRole('heading', { level: 1 }).textContent(), SOON).toMatch(/^It is here: copied/);
  expect(await page.locator('[data-never-reloaded]').count()).toBe(1);
  expect(await page.locator('.event strong').allTextContents()).toEqual([
    'You asked for it to be fetched again',
    'Slipstream asked Ride With GPS for it',
    'Copied for the first time',
  ]);
  sandbox.faults.clear();
  expect(seat.complaints.filter((text) => !/status of 400/.test(text))).toEqual([]);
});
