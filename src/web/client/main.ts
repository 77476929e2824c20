import { keepTimesTrue } from './clock.ts';
import { bindCopyButtons } from './copy.ts';
import { speakAsPage } from './language.ts';

/** The entry of every page: little, and the rest only where the page asks for it. */

const { texts } = document.documentElement.dataset;
if (texts) await speakAsPage(texts);

keepTimesTrue();
bindCopyButtons();

const live = document.querySelector<HTMLElement>('[data-live-sync]');
if (live) {
  const { followSync } = await import('./live-sync.ts');
  followSync(live);
}

const library = document.querySelector<HTMLElement>('[data-library]');
if (library) {
  const [{ searchAsTyped }, { moveByKeys }, { followTakeOut }] = await Promise.all([
    import('./library-search.ts'),
    import('./library-keys.ts'),
    import('./take-out.ts'),
  ]);
  if (library.querySelector('[data-results]')) searchAsTyped(library);
  moveByKeys(library);
  followTakeOut(library);
}

const arrivals = document.querySelector<HTMLElement>('[data-arrivals]');
if (arrivals) {
  const { followArrivals } = await import('./live-arrivals.ts');
  followArrivals(arrivals);
}

const statistics = document.querySelector<HTMLElement>('[data-statistics]');
if (statistics) {
  const [{ moveByKeys }, { roveByArrows }] = await Promise.all([import('./library-keys.ts'), import('./roving.ts')]);
  moveByKeys(statistics);
  for (const group of statistics.querySelectorAll('[data-roving]')) roveByArrows(group);
}

const ground = document.querySelector<HTMLElement>('[data-item]');
if (ground) {
  const { showTrack } = await import('./item-page.ts');
  await showTrack(ground);
}

const lines = document.querySelector<HTMLElement>('[data-lines]');
if (lines) {
  const { showLines } = await import('./two-lines.ts');
  await showLines(lines);
}

const why = document.querySelector<HTMLElement>('[data-why]');
if (why) {
  const { followWhy } = await import('./live-why.ts');
  followWhy(why);
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
