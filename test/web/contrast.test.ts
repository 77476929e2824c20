import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { html } from '../../src/web/html.ts';
import { layout } from '../../src/web/layout.ts';
import { frame } from './fixtures.ts';

const CSS = readFileSync(new URL('../../src/web/client/styles/tokens.css', import.meta.url), 'utf8');
const PAIRS = [...CSS.matchAll(/--([\w-]+):\s*light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/gi)];
const THEMES = [
  ['light', Object.fromEntries(PAIRS.map(([, name, light]) => [name, light]))],
  ['dark', Object.fromEntries(PAIRS.map(([, name, , dark]) => [name, dark]))],
] as const;

/** WCAG 2: from 1 to 21. */
function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

const TEXT = ['ink', 'quiet', 'spruce', 'amber', 'brick', 'track'];
const GROUNDS = ['paper', 'sheet'];
const ALONE = ['control', 'track', 'spruce', 'amber', 'brick'];
const GRADES = ['grade-0', 'grade-1', 'grade-2', 'grade-3', 'grade-4'];

test.each(THEMES)('in %s, text can be read on every ground: 4.5 to 1', (_theme, tokens) => {
  for (const text of TEXT) {
    for (const ground of GROUNDS)
      expect(contrast(of(tokens, text), of(tokens, ground)), `${text} on ${ground}`).toBeGreaterThanOrEqual(4.5);
  }
  expect(contrast(of(tokens, 'track-label'), of(tokens, 'track'))).toBeGreaterThanOrEqual(4.5);
  expect(contrast(of(tokens, 'quiet'), of(tokens, 'map-ground')), 'the words of the map').toBeGreaterThanOrEqual(4.5);
});

test.each(THEMES)('in %s, what marks a control or a line by itself stands out: 3 to 1', (_theme, tokens) => {
  for (const mark of ALONE) {
    for (const ground of [...GROUNDS, 'map-ground'])
      expect(contrast(of(tokens, mark), of(tokens, ground)), `${mark} on ${ground}`).toBeGreaterThanOrEqual(3);
  }
  expect(contrast(of(tokens, 'track'), of(tokens, 'map-casing'))).toBeGreaterThanOrEqual(3);
});

test.each(THEMES)(
  'in %s, the grades go one way from flat to steep, and the outline holds the pale ones',
  (theme, tokens) => {
    const lights = GRADES.map((grade) => luminance(of(tokens, grade)));
    const sorted = [...lights].sort((a, b) => (theme === 'light' ? b - a : a - b));
    expect(lights).toEqual(sorted);
    for (const grade of GRADES) {
      const itself = contrast(of(tokens, grade), of(tokens, 'sheet'));
      const outline = contrast(of(tokens, 'ink'), of(tokens, 'sheet'));
      expect(Math.max(itself, outline), grade).toBeGreaterThanOrEqual(3);
    }
    for (const steep of GRADES.slice(3))
      expect(contrast(of(tokens, steep), of(tokens, 'sheet')), steep).toBeGreaterThanOrEqual(3);
    for (let at = 1; at < GRADES.length; at++) {
      expect(
        contrast(of(tokens, GRADES[at - 1] ?? ''), of(tokens, GRADES[at] ?? '')),
        `steps to ${GRADES[at]}`,
      ).toBeGreaterThanOrEqual(1.2);
    }
  },
);

test.each(THEMES)('in %s, each line of a chart stands out, and so do surfaces from each other', (_theme, tokens) => {
  const lines = Object.keys(tokens).filter((name) => name.startsWith('chart-'));
  expect(lines.length).toBe(5);
  for (const line of lines) expect(contrast(of(tokens, line), of(tokens, 'sheet')), line).toBeGreaterThanOrEqual(3);
  // Vermillion is nobody's but the track's.
  for (const line of lines) expect(of(tokens, line).toLowerCase()).not.toBe('#d55e00');
  expect(contrast(of(tokens, 'surface-paved'), of(tokens, 'surface-unpaved'))).toBeGreaterThanOrEqual(3);
  expect(contrast(of(tokens, 'surface-unpaved'), of(tokens, 'surface-unknown'))).toBeGreaterThanOrEqual(3);
  expect(contrast(of(tokens, 'track-label'), of(tokens, 'track')), 'the S of the start').toBeGreaterThanOrEqual(4.5);
});
const STREET_GROUNDS = ['map-ground', 'map-town', 'map-green', 'map-wood'];

test.each(THEMES)(
  'in %s, names on the streets can be read and the track stands out from every ground',
  (_theme, tokens) => {
    for (const ground of [...STREET_GROUNDS, 'map-halo', 'map-road', 'map-main']) {
      expect(contrast(of(tokens, 'track'), of(tokens, ground)), `track on ${ground}`).toBeGreaterThanOrEqual(3);
    }
    for (const ground of [...STREET_GROUNDS, 'map-halo']) {
      expect(contrast(of(tokens, 'map-name'), of(tokens, ground)), `names on ${ground}`).toBeGreaterThanOrEqual(4.5);
    }
    for (const ground of ['map-water', 'map-ground', 'map-halo']) {
      expect(contrast(of(tokens, 'map-water-name'), of(tokens, ground)), `waters on ${ground}`).toBeGreaterThanOrEqual(
        4.5,
      );
    }
  },
);

test("the browser's own bar has the colour of the paper", () => {
  const page = layout({ frame: frame(), title: 'Any', content: html`` }).toLowerCase();
  for (const [theme, tokens] of THEMES)
    expect(page).toContain(`media="(prefers-color-scheme: ${theme})" content="${of(tokens, 'paper')}"`);
});

function of(tokens: Record<string, string | undefined>, name: string): string {
  const colour = tokens[name];
  if (!colour) throw new Error(`tokens.css has no --${name}`);
  return colour;
}
