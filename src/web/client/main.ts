import { keepTimesTrue } from './clock.ts';
import { bindCopyButtons } from './copy.ts';

/** The entry of every page: little, and the rest only where the page asks for it. */

keepTimesTrue();
bindCopyButtons();

const live = document.querySelector<HTMLElement>('[data-live-sync]');
if (live) {
  const { followSync } = await import('./live-sync.ts');
  followSync(live);
}

const library = document.querySelector<HTMLElement>('[data-library]');
if (library) {
  const [{ searchAsTyped }, { moveByKeys }] = await Promise.all([
    import('./library-search.ts'),
    import('./library-keys.ts'),
  ]);
  if (library.querySelector('[data-results]')) searchAsTyped(library);
  moveByKeys(library);
}

const arrivals = document.querySelector<HTMLElement>('[data-arrivals]');
if (arrivals) {
  const { followArrivals } = await import('./live-arrivals.ts');
  followArrivals(arrivals);
}

const ground = document.querySelector<HTMLElement>('[data-item]');
if (ground) {
  const { showTrack } = await import('./item-page.ts');
  await showTrack(ground);
}

const tracks = document.querySelector<HTMLElement>('[data-tracks]');
if (tracks) {
  const { showTracks } = await import('./map-page.ts');
  await showTracks(tracks);
}

const beside = document.querySelector<HTMLElement>('[data-beside]');
if (library && beside) {
  const { showBeside } = await import('./library-map.ts');
  showBeside(library, beside);
}
