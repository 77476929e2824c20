import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LOOK, violationsOn, WCAG } from '../support/axe.ts';
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
/** A map that is drawn takes seconds on a machine without a graphics card; in the others it stays a sketch. */
const DRAWN = ['/trips/1', '/routes/1'];

/** Every rule on a phone, and at a desk what the other theme and the other width can break. */
const USUAL = [
  { viewport: PHONE, colorScheme: 'dark', theme: '', rules: WCAG },
  { viewport: DESK, colorScheme: 'light', theme: '', rules: LOOK },
] as const;
/** And the other way round, with the theme that the rider chose against the system. */
const REVERSED = [
  { viewport: PHONE, colorScheme: 'dark', theme: 'light', rules: LOOK },
  { viewport: DESK, colorScheme: 'light', theme: 'dark', rules: WCAG },
] as const;
/** A page of each kind is looked at both ways; what else there is are other states of it. */
const BOTH_WAYS = ['/landing', '/library', '/trips/1', '/sync', '/sync-troubled', '/settings'];

test('no page has a violation of WCAG 2.2 AA, in either theme, on a phone or at a desk', async () => {
  const waiting = Object.keys(PAGES);
  expect(waiting.length).toBeGreaterThan(30);
  const found: string[] = [];
  async function lookAtTheRest(): Promise<void> {
    const page = await openPage(browser, { reducedMotion: 'reduce' });
    await page.route(/\/track\.json/, (route) =>
      DRAWN.some((each) => route.request().url().includes(`${each}/`)) ? route.continue() : route.abort(),
    );
    for (let address = waiting.shift(); address !== undefined; address = waiting.shift()) {
      found.push(...(await violationsAt(page, address)));
    }
    await page.close();
  }
  await Promise.all([lookAtTheRest(), lookAtTheRest()]);
  expect(found).toEqual([]);
}, 240_000);

async function violationsAt(page: Page, address: string): Promise<string[]> {
  const found: string[] = [];
  await page.goto(site.url + address);
  if (DRAWN.includes(address)) await page.waitForSelector('[data-map][data-shown="drawn"]');
  const looks = BOTH_WAYS.includes(address) ? [...USUAL, ...REVERSED] : USUAL;
  for (const { viewport, colorScheme, theme, rules } of looks) {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme });
    await page.evaluate(`document.documentElement.setAttribute('data-theme', '${theme}')`);
    const violations = await violationsOn(page, rules);
    found.push(...violations.map((each) => `${address}, ${theme || colorScheme}, ${viewport.width}: ${each}`));
  }
  return found;
}
