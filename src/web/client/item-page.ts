import type { Track } from '../../export/track.ts';
import { say } from '../say.ts';
import { type Cursor, createCursor } from './cursor.ts';
import { createEnds } from './ends.ts';
import { listenToEscape } from './escape.ts';
import { profileRows } from './profile-rows.ts';
import { reading } from './reading.ts';
import { createSelection, type Selection } from './selection.ts';
import { createSights, type Sights } from './sights.ts';
import { fetchTrack } from './track.ts';
import { bounds, positions } from './track-line.ts';
import { followLinks } from './track-links.ts';
import { UNITS } from './units.ts';

/** Brings the page of one item to life: one fetch of its track, a map, its charts, and on all of them one cursor and one selection. */
export async function showTrack(ground: HTMLElement): Promise<void> {
  const map = find('[data-map]');
  const plot = find('[data-plot]');
  await orSaySo(map, async () => {
    const track = await fetchTrack(ground.dataset.item ?? '');
    const [cursor, selection] = [createCursor(), createSelection(track.x.length - 1)];
    const ends = createEnds({ track, cursor, selection, plot });
    const shown: Shown = { track, cursor, selection, sights: createSights(), ends };
    followLinks(shown);
    listenToEscape(shown);
    // Each for itself: a browser without WebGL still has the charts.
    await Promise.all([orSaySo(map, () => showMap(map, shown)), orSaySo(plot, () => showProfile(plot, shown))]);
  });
  // Without a track there is nothing to wait for here.
  plot.dataset.shown ??= 'empty';
}

interface Shown {
  track: Track;
  cursor: Cursor;
  selection: Selection;
  sights: Sights;
  ends: HTMLElement;
}

async function showMap(place: HTMLElement, shown: Shown): Promise<void> {
  const points = positions(shown.track);
  const box = bounds(points);
  if (!box) return empty(place, say`No positions recorded`);
  const { drawMap } = await import('./map.ts');
  // What is selected is shown beside the charts.
  const selectable = document.querySelector('[data-stretch]') !== null;
  await drawMap({ place, points, box, ...shown, ends: selectable ? shown.ends : null });
}

async function showProfile(plot: HTMLElement, shown: Shown): Promise<void> {
  const charts = find('[data-charts]');
  if (!charts.querySelector('[data-chart]')) return empty(plot, say`No elevation recorded`);
  const { track, cursor } = shown;
  const rows = profileRows(track);
  cursor.follow((index) => {
    find('[data-reading]').textContent = index === null ? '' : reading(track, rows, index, UNITS);
  });
  const [{ showCharts }, { showStretch }] = await Promise.all([import('./charts.ts'), import('./stretch-panel.ts')]);
  showStretch({
    panel: find('[data-stretch]'),
    said: find('[data-said]'),
    placed: track.x.some((lng) => lng !== null),
    ...shown,
  });
  if (!showCharts({ charts, rows, ...shown })) return empty(plot, say`No elevation recorded`);
  plot.dataset.shown = 'drawn';
}

/** What fails is said where it would have been shown, and in the console for whoever looks into it. */
async function orSaySo(place: HTMLElement, show: () => Promise<void>): Promise<void> {
  try {
    await show();
  } catch (error) {
    console.error(error);
    place.dataset.shown = 'failed';
    place.append(failure());
  }
}

function empty(place: HTMLElement, words: string): void {
  place.dataset.shown = 'empty';
  place.replaceChildren(element('p', 'no-positions', words));
}

function failure(): HTMLElement {
  const again = element('button', '', say`Try again`);
  again.addEventListener('click', () => location.reload());
  const words = element('p', 'failure', '');
  words.append(element('span', '', say`This could not be shown.`), again);
  return words;
}

function element(name: string, className: string, words: string): HTMLElement {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = words;
  return made;
}

function find(selector: string): HTMLElement {
  const place = document.querySelector<HTMLElement>(selector);
  if (!place) throw new Error(`This page has no ${selector}`);
  return place;
}
