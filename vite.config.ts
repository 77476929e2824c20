import { readFileSync } from 'node:fs';
import type { FeatureCollection, MultiLineString, MultiPolygon, Position } from 'geojson';
import { merge, mesh } from 'topojson-client';
import { defineConfig, type Plugin } from 'vite';

/** Only the browser's part is built; the server runs its sources as they are. */
export default defineConfig({
  build: {
    outDir: 'dist/client',
    // What a page's policy forbids must not be made: no `data:` fonts or scripts.
    assetsInlineLimit: 0,
    manifest: true,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: ['src/web/client/main.ts', 'src/web/client/styles.css'] },
    target: 'es2022',
    // The map is one large chunk by nature, and loaded only where a map is shown.
    chunkSizeWarningLimit: 1500,
    reportCompressedSize: false,
  },
  logLevel: 'warn',
  plugins: [emitIcon(), world()],
});

const ICON = 'src/web/client/icon.svg';

/** No script or style mentions the icon, only the pages do; `assets.ts` finds it in the manifest. */
function emitIcon(): Plugin {
  return {
    name: 'slipstream-icon',
    buildStart() {
      this.emitFile({ type: 'asset', name: 'icon.svg', originalFileName: ICON, source: readFileSync(ICON) });
    },
  };
}

const WORLD = 'virtual:world';

/** Land and borders of Natural Earth as GeoJSON: the module `virtual:world` is the address of that file. */
function world(): Plugin {
  return {
    name: 'slipstream-world',
    resolveId: (id) => (id === WORLD ? `\0${WORLD}` : null),
    load(id) {
      if (id !== `\0${WORLD}`) return null;
      const file = this.emitFile({
        type: 'asset',
        name: 'world.json',
        source: JSON.stringify(worldGeoJson(), hundredths),
      });
      return `export default import.meta.ROLLUP_FILE_URL_${file};`;
    },
  };
}

/** Two features, told apart by `kind`. */
function worldGeoJson(): FeatureCollection {
  const address = new URL(import.meta.resolve('world-atlas/countries-110m.json'));
  const topology: World = JSON.parse(readFileSync(address, 'utf8'));
  const { countries } = topology.objects;
  return {
    type: 'FeatureCollection',
    features: [
      { type: 'Feature', properties: { kind: 'land' }, geometry: unrolledLand(merge(topology, countries.geometries)) },
      {
        type: 'Feature',
        properties: { kind: 'border' },
        geometry: unrolledLines(mesh(topology, countries, (one, other) => one !== other)),
      },
    ],
  };
}

/** The atlas goes on from 180° E to 180° W as on a globe. On a map that would be a line back across the whole world, so it goes on beyond. */
function unrolled(line: Position[]): Position[] {
  let turn = 0;
  return line.map(([lng = 0, lat = 0], at) => {
    const before = line[at - 1]?.[0] ?? lng;
    if (Math.abs(lng - before) > 180) turn += lng < before ? 360 : -360;
    return [lng + turn, lat];
  });
}

function unrolledLand({ coordinates }: MultiPolygon): MultiPolygon {
  return { type: 'MultiPolygon', coordinates: coordinates.map((rings) => rings.map((ring) => closed(unrolled(ring)))) };
}

function unrolledLines({ coordinates }: MultiLineString): MultiLineString {
  return { type: 'MultiLineString', coordinates: coordinates.map(unrolled) };
}

/** A coast around the pole ends one turn from where it began: the land goes on to the lower edge of the map. */
function closed(ring: Position[]): Position[] {
  const [first = [0, 0], last = [0, 0]] = [ring[0], ring.at(-1)];
  if (first[0] === last[0]) return ring;
  return [...ring, [last[0] ?? 0, -90], [first[0] ?? 0, -90], first];
}

interface World extends Topology {
  objects: { countries: Collection };
}

type Topology = Parameters<typeof merge>[0];
type Collection = Extract<Parameters<typeof merge>[1], { type: 'GeometryCollection' }> & { geometries: Area[] };
type Area = Extract<Parameters<typeof merge>[1], readonly unknown[]>[number];

/** Two decimals are a kilometre, finer than the drawing is true. */
function hundredths(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 100) / 100 : value;
}
