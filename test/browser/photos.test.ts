import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { buildClient, takeSeat } from './support.ts';

const SOON = { timeout: 20_000 };

let browser: Browser;
beforeAll(async () => {
  [browser] = await Promise.all([launchBrowser(), buildClient()]);
});
afterAll(() => browser?.close());

test('an item shows its photos out of our own store, moves nothing when they come, and keeps them in grey when it is deleted', async () => {
  const seat = await takeSeat(browser, { riders: [{ id: 1, name: 'Robin Field', routes: 0, trips: 1, points: 40 }] });
  const { page, sandbox, url } = seat;
  const id = sandbox.world.items(1, 'trip')[0]?.id ?? 0;
  const photos = [
    { id: 1, url: `${sandbox.url}/photos/1/large.png`, caption: 'The view from the top' },
    { id: 2, url: '/photos/2/large.png', caption: null },
    { id: 3, url: 'https://elsewhere.example/3.png', caption: 'Lunch' },
  ];
  sandbox.world.edit('trip', id, { photos, name: 'Over the pass' });
  await seat.signIn();
  await seat.app.photoCopier.settled();

  const asked = new Set<string>();
  page.on('request', (request) => void asked.add(new URL(request.url()).origin));
  await seat.show(`/trips/${id}`);
  const section = page.getByRole('region', { name: 'Photos' });
  await page.evaluate(`globalThis.moved = 0; new PerformanceObserver((list) => {
    for (const { value, hadRecentInput } of list.getEntries()) if (!hadRecentInput) globalThis.moved += value;
  }).observe({ type: 'layout-shift', buffered: true })`);
  await section.scrollIntoViewIfNeeded();
  const view = section.getByRole('img', { name: 'The view from the top' });
  const size = () =>
    page.evaluate<string>(
      '(({ naturalWidth, naturalHeight }) => naturalWidth + " × " + naturalHeight)(document.querySelector(".photos img"))',
    );
  await expect.poll(size, SOON).toBe('800 × 600');
  expect(await section.getByRole('img', { name: 'Photo 2 of Over the pass' }).count()).toBe(1);
  expect(await section.textContent()).toContain('this photo is not kept at Ride With GPS');
  expect(await page.evaluate<number>('globalThis.moved')).toBeLessThan(0.01);
  expect([...asked]).toEqual([url]);

  sandbox.world.remove('trip', id);
  await seat.settled();
  await page.reload();
  expect(await page.evaluate<string>('getComputedStyle(document.querySelector(".photos img")).filter')).toBe(
    'grayscale(1)',
  );
  await view.click();
  await page.waitForURL(/\/photos\/[0-9a-f]{64}$/);
  expect(await page.evaluate<number>('document.images[0]?.naturalWidth')).toBe(800);
  expect(seat.complaints).toEqual([]);
});
