import type { Track } from '../../export/track.ts';
import { type Cursor, createCursor } from './cursor.ts';
import { type ProfileRows, profileRows } from './profile-rows.ts';
import { reading } from './reading.ts';
import { fetchTrack } from './track.ts';
import { bounds, positions } from './track-line.ts';
import { UNITS } from './units.ts';

/** Brings the page of one item to life: one fetch of its track, a map, a profile, and one cursor on both. */
export async function showTrack(ground: HTMLElement): Promise<void> {
  const map = find('[data-map]');
  const plot = find('[data-plot]');
  await orSaySo(map, async () => {
    const track = await fetchTrack(ground.dataset.item ?? '');
    const cursor = createCursor();
    const rows = profileRows(track);
    cursor.follow((index) => {
      find('[data-reading]').textContent = index === null ? '' : reading(track, rows, index, UNITS);
    });
    // Each for itself: a browser without WebGL still has the profile.
    await Promise.all([
      orSaySo(map, () => showMap(map, track, cursor)),
      orSaySo(plot, () => showProfile(plot, rows, cursor)),
    ]);
  });
  // Without a track there is nothing to wait for here.
  plot.dataset.shown ??= 'empty';
}

async function showMap(place: HTMLElement, track: Track, cursor: Cursor): Promise<void> {
  const points = positions(track);
  const box = bounds(points);
  if (!box) return empty(place, 'No positions recorded');
  const { drawMap } = await import('./map.ts');
  await drawMap({ place, track, points, box, cursor });
}

async function showProfile(place: HTMLElement, rows: ProfileRows | null, cursor: Cursor): Promise<void> {
  if (!rows) return empty(place, 'No elevation recorded');
  const { drawProfile } = await import('./profile.ts');
  drawProfile({ place, rows, cursor });
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
  const again = element('button', '', 'Try again');
  again.addEventListener('click', () => location.reload());
  const words = element('p', 'failure', '');
  words.append(element('span', '', 'This could not be shown.'), again);
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
