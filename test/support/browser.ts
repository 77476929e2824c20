import { existsSync } from 'node:fs';
import bundled from '@sparticuz/chromium';
import { type Browser, type BrowserContextOptions, type ConsoleMessage, chromium, type Page } from 'playwright-core';

const INSTALLED = [
  process.env.CHROME_PATH,
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/usr/bin/google-chrome',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/**
 * WebGL in software, so that maps draw on machines without a graphics card. The page around them is put together without it: done
 * in software, frame by frame, that was nearly half of what a page with a map and charts costs.
 */
const WEBGL = [
  '--use-gl=angle',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--ignore-gpu-blocklist',
  '--disable-gpu-compositing',
];

/**
 * A real Chromium: the bundled one on Linux x64, an installed one elsewhere.
 * @throws Error when there is none.
 */
export async function launchBrowser(): Promise<Browser> {
  if (process.platform === 'linux' && process.arch === 'x64') {
    // Not with the bundle's own arguments: they switch off web security, which is half of what the tests are about.
    return chromium.launch({
      executablePath: await bundled.executablePath(),
      args: ['--no-sandbox', ...WEBGL],
      headless: true,
    });
  }
  const executablePath = INSTALLED.find((path) => path !== undefined && existsSync(path));
  if (!executablePath) {
    throw new Error('The browser tests need Chrome or Chromium: install one, or put its path into CHROME_PATH.');
  }
  return chromium.launch({ executablePath, args: [...WEBGL], headless: true });
}

/** A page with a session of its own. The locale of a bare machine, `en-US@posix`, is no language tag, and `Intl` refuses it. */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<Page> {
  return browser.newPage({ locale: 'en-IE', ...options });
}

/** Whether the page did something wrong. That a map's picture has to be read back is the way in which this browser is started. */
export const isComplaint = (message: ConsoleMessage): boolean =>
  ['error', 'warning'].includes(message.type()) &&
  !/GL Driver Message .*GPU stall due to ReadPixels/.test(message.text());
