import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { violationsOn } from '../support/axe.ts';
import { launchBrowser, openPage } from '../support/browser.ts';
import { answers } from './answers.ts';
import { PAGES } from './gallery.ts';
import { type Site, serveSite } from './site.ts';

let site: Site;
let browser: Browser;

beforeAll(async () => {
  [site, browser] = await Promise.all([serveSite(answers), launchBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
});

const PHONE = { width: 390, height: 844 };
const DESK = { width: 1440, height: 900 };

/** Looks at every page of the gallery, as the reader's system has the theme and as the rider chose it. */
async function violations(viewport: typeof PHONE, colorScheme: 'light' | 'dark'): Promise<string[]> {
  const page = await openPage(browser, { viewport, colorScheme, reducedMotion: 'reduce' });
  const found: string[] = [];
  for (const address of Object.keys(PAGES)) {
    await page.goto(site.url + address);
    await ready(page);
    found.push(...(await violationsOn(page)).map((violation) => `${address} ${violation}`));
  }
  await page.close();
  return found;
}

async function ready(page: Page): Promise<void> {
  if (await page.locator('[data-map]').count()) await page.waitForSelector('[data-map][data-shown]');
}

test.each(['light', 'dark'] as const)(
  'no page has a violation of WCAG 2.2 AA, %s, on a phone and at a desk',
  async (scheme) => {
    expect(Object.keys(PAGES).length).toBeGreaterThan(30);
    const found = await Promise.all([violations(PHONE, scheme), violations(DESK, scheme)]);
    expect(found.flat()).toEqual([]);
  },
  120_000,
);
