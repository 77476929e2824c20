import type { Page } from 'playwright-core';

/** How many pixels of what `selector` shows have about the colour `#rrggbb`. */
export async function countPixels(page: Page, selector: string, colour: string): Promise<number> {
  const picture = await page.locator(selector).screenshot();
  const wanted = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  return page.evaluate<number>(`(${COUNT})("data:image/png;base64,${picture.toString('base64')}", [${wanted}])`);
}

/** Text, because it runs in the page, whose types the tests do not have. */
const COUNT = `async (picture, wanted) => {
  const image = new Image();
  image.src = picture;
  await image.decode();
  const context = new OffscreenCanvas(image.width, image.height).getContext('2d');
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, image.width, image.height);
  let found = 0;
  for (let at = 0; at < data.length; at += 4) {
    if (wanted.every((part, index) => Math.abs(data[at + index] - part) < 12)) found++;
  }
  return found;
}`;
