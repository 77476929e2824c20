import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { latestFigures } from './figures.ts';
import { tableOf } from './figures-table.ts';

/** `npm run figures`: the latest figures of tests and soak, into the page that needs them. */
const PAGE = join(import.meta.dirname, '../../docs/promises.md');
const BLOCK = /(<!-- figures: begin[^>]*-->\n)([\s\S]*?)(\n<!-- figures: end -->)/;

const figures = latestFigures();
const page = readFileSync(PAGE, 'utf8');
if (figures.length === 0) {
  console.log('There are no figures yet: npm test and npm run soak make them. The page is as it was.');
} else if (!BLOCK.test(page)) {
  console.error(
    'docs/promises.md has no place for figures any more: two comments, "figures: begin" and "figures: end".',
  );
  process.exitCode = 1;
} else {
  writeFileSync(
    PAGE,
    page.replace(
      BLOCK,
      (_, begin: string, before: string, end: string) => `${begin}\n${tableOf(figures, before)}\n${end}`,
    ),
  );
  console.log(`${figures.length} figures written into docs/promises.md.`);
}
