import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

/** Every rule of WCAG 2.0, 2.1 and 2.2, levels A and AA. */
export const WCAG = { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] } as const;

/** What another theme or another width can break. */
export const LOOK = { type: 'rule', values: ['color-contrast', 'link-in-text-block', 'target-size'] } as const;

const SOURCE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * What axe finds wrong with the page as it stands, a line for each element: `color-contrast: .quiet. …`.
 * The debugger runs it, so the page's own policy needs no hole.
 */
export async function violationsOn(page: Page, rules: typeof WCAG | typeof LOOK = WCAG): Promise<string[]> {
  if (!(await page.evaluate<boolean>('"axe" in window'))) await page.evaluate(SOURCE);
  const options = { runOnly: rules, resultTypes: ['violations'], preload: false, iframes: false };
  const { violations } = await page.evaluate<AxeResults>(`axe.run(document, ${JSON.stringify(options)})`);
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(
      ({ target, failureSummary = '' }) => `${id}: ${target.join(' ')}. ${failureSummary.replace(/\s+/g, ' ')}`,
    ),
  );
}
