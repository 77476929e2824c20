import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RecordedFigure } from './support/figures.ts';
import { tableOf } from './support/figures-table.ts';

const PAGE = join(import.meta.dirname, '../docs/promises.md');
const text = readFileSync(PAGE, 'utf8');
const linksIn = (part: string): string[] => [...part.matchAll(/\]\(([^)\s]+)\)/g)].map(([, to = '']) => to);
const rows = [...text.matchAll(/^\| (\d+) \| (.*) \| (.*) \| (.*) \|$/gm)].map(([, number, promise, kept, held]) => ({
  number: Number(number),
  promise,
  kept: linksIn(kept ?? ''),
  held: linksIn(held ?? ''),
}));

describe('the page of promises', () => {
  test('has all eleven, in order', () => {
    expect(rows.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });

  test('says of each which source keeps it, and which tests hold it', () => {
    const bad = rows.filter(
      ({ kept, held }) =>
        kept.length === 0 ||
        !kept.every((to) => to.startsWith('../src/')) ||
        held.length === 0 ||
        !held.every((to) => to.startsWith('../test/')),
    );
    expect(bad).toEqual([]);
  });

  test('leads with every link to a file that exists', () => {
    const links = linksIn(text).filter((to) => !/^[a-z]+:/.test(to));
    expect(links.length).toBeGreaterThan(50);
    expect(links.filter((to) => !existsSync(join(dirname(PAGE), to.replace(/#.*$/, ''))))).toEqual([]);
  });

  test('has the place where figures are written', () => {
    expect(text).toMatch(/<!-- figures: begin[^>]*-->\n[\s\S]*\n<!-- figures: end -->/);
  });

  test('keeps the figures of long runs where only short ones were made since', () => {
    const [, before = ''] = /<!-- figures: begin[^>]*-->\n([\s\S]*)\n<!-- figures: end -->/.exec(text) ?? [];
    const figures = (table: string) => table.split('\n').filter((line) => /^\| .*`npm (test|run)/.test(line));
    expect(figures(before).length).toBeGreaterThan(10);
    expect(tableOf([], before)).toBe(before.trim());
    const again = tableOf([{ ...FIGURE, name: 'hostile requests' }], before);
    expect(figures(again)).toHaveLength(figures(before).length);
    expect(figures(again).filter((row) => !before.includes(row))).toEqual([
      '| hostile requests | one \\| two | **not reached:** 3 | `npm test`, 2026-01-02, abc1234 |',
    ]);
    expect(figures(tableOf([{ ...FIGURE, name: 'something new' }], before))).toHaveLength(figures(before).length + 1);
  });
});

const FIGURE: RecordedFigure = {
  name: '',
  value: 'one | two',
  required: '3',
  reached: false,
  command: 'npm test',
  at: '2026-01-02T03:04:05.000Z',
  commit: 'abc1234',
  machine: '2 cores, linux x64, Node 24.21.0',
};
