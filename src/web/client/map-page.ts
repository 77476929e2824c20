import { listItems } from './tracks-here.ts';
import { type Bounds, drawTracks } from './tracks-map.ts';

/** Brings the map of everything to life. */
export async function showTracks(place: HTMLElement): Promise<void> {
  keepPlace();
  try {
    await drawTracks({
      place,
      look: { tiles: place.dataset.tiles ?? '', heat: place.dataset.heat !== undefined },
      bounds: boundsIn(place),
      inAddress: true,
      cooperative: matchMedia('(max-width: 719px)').matches,
      pressed: (items, at, map) => void listItems(items, at, map),
    });
  } catch (error) {
    console.error(error);
    place.dataset.shown = 'failed';
    place.querySelector('[data-map-failed]')?.removeAttribute('hidden');
  }
}

/** Lines and heat are looked at from the same place. */
function keepPlace(): void {
  for (const link of document.querySelectorAll<HTMLAnchorElement>('[data-keeps-place]')) {
    link.addEventListener('click', () => {
      link.hash = location.hash;
    });
  }
}

const boundsIn = (place: HTMLElement): Bounds => (place.dataset.bounds ?? '').split(',').map(Number) as Bounds;
