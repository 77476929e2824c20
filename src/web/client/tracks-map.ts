import { LngLat, LngLatBounds, type Map as MapLibre, type MapMouseEvent, type VectorTileSource } from 'maplibre-gl';
import { openMap } from './open-map.ts';
import { TRACK_LAYERS, type TracksLook, tracksOverlay } from './tracks-style.ts';

/** West, south, east, north in degrees. */
export type Bounds = [west: number, south: number, east: number, north: number];

export interface TracksMapParts {
  place: HTMLElement;
  look: TracksLook;
  bounds: Bounds;
  /** The position stands in the address, where there is nothing else after the `#`. */
  inAddress: boolean;
  /** A wheel or one finger scrolls the page, not the map. */
  cooperative: boolean;
  /** Somebody pressed where these are drawn: `trip/1`. */
  pressed(items: string[], at: LngLat, map: MapLibre): void;
}

export interface TracksMap {
  show(tiles: string, bounds: Bounds): void;
  /** Marks one of them. */
  choose(item: string | null, bounds?: Bounds): void;
}

/** So near must a pointer come to a line, in pixels. */
const REACH = 5;
const SOURCE = { source: 'tracks', sourceLayer: 'tracks' };

/** Draws what the server cuts into tiles. Resolves when the first picture is complete. @throws Error without WebGL. */
export async function drawTracks(parts: TracksMapParts): Promise<TracksMap> {
  const { place, bounds, inAddress, cooperative, pressed } = parts;
  let { look } = parts;
  let chosen: string | null = null;
  const map = await openMap(place, () => tracksOverlay(look), {
    bounds: boundsOf(bounds),
    fitBoundsOptions: FIT,
    hash: inAddress,
    minZoom: FARTHEST,
    maxZoom: NEAREST,
    transformConstrain: constrain,
    cooperativeGestures: cooperative,
  });

  const itemsAt = ({ point: { x, y } }: MapMouseEvent): string[] => {
    const found = map.queryRenderedFeatures(
      [
        [x - REACH, y - REACH],
        [x + REACH, y + REACH],
      ],
      { layers: TRACK_LAYERS.filter((layer) => map.getLayer(layer)) },
    );
    return [...new Set(found.map(({ properties }) => String(properties.item)))];
  };
  map.on('click', (event) => pressed(itemsAt(event), event.lngLat, map));
  let looking = false;
  map.on('mousemove', (event) => {
    if (looking) return;
    looking = true;
    requestAnimationFrame(() => {
      looking = false;
      map.getCanvas().style.cursor = itemsAt(event).length > 0 ? 'pointer' : '';
    });
  });
  await map.once('idle');
  place.dataset.shown = 'drawn';

  return {
    show(tiles, next) {
      look = { ...look, tiles };
      map.getSource<VectorTileSource>('tracks')?.setTiles([location.origin + tiles]);
      map.fitBounds(boundsOf(next), { ...FIT, duration: pace() });
    },
    choose(item, where) {
      if (chosen !== null) map.removeFeatureState({ ...SOURCE, id: chosen });
      chosen = item;
      if (item === null) return;
      map.setFeatureState({ ...SOURCE, id: item }, { chosen: true });
      if (where && !isInSight(map, where)) map.fitBounds(boundsOf(where), { ...FIT, maxZoom: 11, duration: pace() });
    },
  };
}

const FIT = { padding: 48, maxZoom: 14, duration: 0 };

const FARTHEST = -1;
const NEAREST = 18;

/** MapLibre's own keeps the world as high as the map: rides of two continents would not fit beside a list, which is high and narrow. */
const constrain = (center: LngLat, zoom: number): { center: LngLat; zoom: number } => ({
  center: new LngLat(center.lng, Math.min(Math.max(center.lat, -80), 80)),
  zoom: Math.min(Math.max(zoom, FARTHEST), NEAREST),
});

/** Milliseconds; MapLibre itself jumps where less motion is wanted. */
const pace = (): number => (matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 500);

const boundsOf = ([west, south, east, north]: Bounds): LngLatBounds => new LngLatBounds([west, south, east, north]);

/** All of it, and large enough to be seen. */
function isInSight(map: MapLibre, [west, south, east, north]: Bounds): boolean {
  const sight = map.getBounds();
  if (!sight.contains(new LngLat(west, south)) || !sight.contains(new LngLat(east, north))) return false;
  const [from, to] = [map.project([west, north]), map.project([east, south])];
  return Math.hypot(to.x - from.x, to.y - from.y) > 24;
}
