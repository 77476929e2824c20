import { existsSync, globSync, statSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { build } from 'vite';
import { onTestFinished } from 'vitest';
import type { Environment } from '../../src/config.ts';
import type { SandboxOptions } from '../../src/sandbox/index.ts';
import { CLIENT_DIRECTORY } from '../../src/web/assets.ts';
import { isComplaint } from '../support/browser.ts';
import { type Installation, startInstallation } from '../support/slipstream.ts';

/** The real program, the stand-in provider, and somebody's browser that is open at both. */
export interface Seat extends Installation {
  /** Where the rider opens Slipstream. */
  url: string;
  page: Page;
  context: BrowserContext;
  /** What a reader's console would show, and everything else that must not happen on a page. */
  complaints: string[];
  /** Presses Connect here and Authorize there, with the real buttons, and waits until everything is copied. */
  signIn(): Promise<void>;
  /** Opens a page of Slipstream and waits until its map and its profile are what they will be. */
  show(path: string): Promise<void>;
  /** The provider's control page in a tab of its own. */
  openControl(query?: string): Promise<Page>;
}

export type SeatOptions = Partial<SandboxOptions> & {
  env?: Environment;
  browser?: BrowserContextOptions;
  prepare?: (dataDir: string) => void;
};

/** Closes by itself when the test ends. */
export async function takeSeat(browser: Browser, { env, browser: how, ...options }: SeatOptions = {}): Promise<Seat> {
  const port = await freePort();
  // As in the demo: one name for Slipstream, another for the provider, so that cookies cross from one site to the other.
  const url = `http://localhost:${port}`;
  const installation = await startInstallation({
    ...options,
    env: { PORT: String(port), PUBLIC_URL: url, ...env },
  });
  onTestFinished(() => installation.close());
  // Too narrow for the map beside the list, which takes a second to draw in software, on each page of the library.
  const context = await browser.newContext({ locale: 'en-IE', viewport: { width: 1080, height: 800 }, ...how });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  watch(page, complaints);

  const show = async (path: string): Promise<void> => {
    await page.goto(url + path);
    if (await page.locator('[data-map]').count()) {
      await page.waitForSelector('[data-map][data-shown]');
      await page.waitForSelector('[data-plot][data-shown]', { state: 'attached' });
    }
  };
  return Object.assign(installation, {
    url,
    page,
    context,
    complaints,
    show,
    async signIn() {
      await page.goto(url);
      await page.getByRole('link', { name: 'Connect Ride With GPS' }).click();
      await page.getByRole('button', { name: 'Authorize' }).click();
      await page.waitForURL(`${url}/sync`);
      await installation.settled();
    },
    async openControl(query = '') {
      const control = await context.newPage();
      watch(control, complaints);
      await control.goto(`${installation.sandbox.url}/sandbox${query}`);
      return control;
    },
  });
}

function watch(page: Page, complaints: string[]): void {
  page.on('console', (message) => {
    if (isComplaint(message)) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('dialog', async (dialog) => {
    complaints.push(`A dialog opened: ${dialog.message()}`);
    await dialog.dismiss();
  });
  page.on('requestfailed', (request) => {
    // Leaving a page ends its event stream, and a reload what was still on its way.
    const reason = request.failure()?.errorText;
    if (reason !== 'net::ERR_ABORTED') complaints.push(`${request.url()}: ${reason}`);
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The browser gets what is built, so what is built must be what is written: built again only where it is missing or old. */
export async function buildClient(): Promise<void> {
  const manifest = join(CLIENT_DIRECTORY, '.vite/manifest.json');
  const sources = globSync(['src/web/**/*.{ts,css,svg}', 'vite.config.ts']);
  const newest = Math.max(...sources.map((path) => statSync(path).mtimeMs));
  if (existsSync(manifest) && statSync(manifest).mtimeMs > newest) return;
  // Other tests may be serving the old files this minute: they stay, under their own names.
  await build({ logLevel: 'error', build: { emptyOutDir: false } });
}
