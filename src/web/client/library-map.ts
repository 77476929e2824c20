import type { Bounds, TracksMap } from './tracks-map.ts';

/** As in the style sheet: from here on there is room beside the list. */
const ROOM = '(min-width: 1100px)';
/** A pointer that only passes over a row means nothing by it. */
const PAUSE_MS = 80;

interface Where {
  bounds: Bounds | null;
  /** By `trip/1`: where the items of this page lie. */
  places: Record<string, Bounds>;
}

/** The map beside the list: what the list shows, and what is pointed at in it. Nothing of it is loaded where there is no room. */
export function showBeside(library: HTMLElement, place: HTMLElement): void {
  const room = matchMedia(ROOM);
  let begun = false;
  const begin = (): void => {
    if (begun || !room.matches) return;
    begun = true;
    void follow(library, place);
  };
  begin();
  room.addEventListener('change', begin);
}

async function follow(library: HTMLElement, place: HTMLElement): Promise<void> {
  let map: TracksMap | undefined;
  let places: Where['places'] = {};
  let asked = 0;

  async function look(): Promise<void> {
    const tiles = library.querySelector<HTMLElement>('[data-list-tiles]')?.dataset.listTiles ?? '';
    const turn = ++asked;
    const where = await whereAre(tiles, itemsIn(library));
    // Meanwhile something else was typed.
    if (turn !== asked) return;
    places = where.places;
    place.dataset.empty = String(where.bounds === null);
    if (!where.bounds) return;
    if (map) return map.show(tiles, where.bounds);
    const [{ drawTracks }, { listItems }] = await Promise.all([import('./tracks-map.ts'), import('./tracks-here.ts')]);
    map = await drawTracks({
      place,
      look: { tiles, heat: false },
      bounds: where.bounds,
      inAddress: false,
      cooperative: true,
      pressed: (items, at, on) => {
        const [only] = items;
        if (items.length === 1 && only) location.assign(addressOf(only));
        else void listItems(items, at, on);
      },
    });
    // What was typed while it was drawn.
    if (turn !== asked) await look();
  }

  const orSaySo = (error: unknown): void => {
    console.error(error);
    place.dataset.shown = 'failed';
  };
  new MutationObserver(() => void look().catch(orSaySo)).observe(library, { childList: true });

  let pause: ReturnType<typeof setTimeout> | undefined;
  const point = ({ target }: Event): void => {
    const item = target instanceof Element ? itemOf(target.closest('.row a')) : null;
    clearTimeout(pause);
    pause = setTimeout(() => map?.choose(item, item === null ? undefined : places[item]), PAUSE_MS);
  };
  library.addEventListener('pointerover', point);
  library.addEventListener('focusin', point);
  library.addEventListener('pointerleave', () => {
    clearTimeout(pause);
    map?.choose(null);
  });
  await look().catch(orSaySo);
}

/** @throws Error when the server does not say. */
async function whereAre(tiles: string, items: string[]): Promise<Where> {
  const parameters = new URLSearchParams(tiles.split('?')[1]);
  for (const item of items) parameters.append('item', item);
  const answer = await fetch(`/map/where?${parameters}`);
  if (!answer.ok) throw new Error(`Nothing is known of the map: the server answered ${answer.status}`);
  const where: Where = JSON.parse(await answer.text());
  return where;
}

const itemsIn = (library: HTMLElement): string[] =>
  [...library.querySelectorAll('.row a')].map(itemOf).filter((item) => item !== null);

/** `/trips/1` is the page of `trip/1`. */
function itemOf(link: Element | null): string | null {
  const [, kind, id] = /^\/(route|trip)s\/([^/]+)$/.exec(link?.getAttribute('href') ?? '') ?? [];
  return kind && id ? `${kind}/${decodeURIComponent(id)}` : null;
}

function addressOf(item: string): string {
  const [kind, id = ''] = item.split('/');
  return `/${kind}s/${encodeURIComponent(id)}`;
}
