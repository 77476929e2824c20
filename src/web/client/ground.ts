import type { LayerSpecification, StyleSpecification } from 'maplibre-gl';
import type { Ground } from '../ground.ts';
import { say } from '../say.ts';
import { plainGround } from './plain-ground.ts';
import { fetchRemote, remoteRequests } from './remote-ground.ts';
import { streetsGround } from './streets.ts';

/** What is drawn on a map, whatever lies beneath. */
export interface Overlay {
  sources: StyleSpecification['sources'];
  layers: LayerSpecification[];
}

/** The one of this page. */
export const GROUND: Ground = JSON.parse(document.documentElement.dataset.ground ?? '{"kind":"plain"}');

/** To be given to each map beside its style. */
export const GROUND_OPTIONS = GROUND.kind === 'remote' ? remoteRequests() : {};

/**
 * The whole style of a map, in the colours that the page has now: call it again when the theme changes. Lines and areas of the overlay lie
 * under the names of the ground, which stay readable; points lie on everything.
 */
export async function onGround({ sources, layers }: Overlay): Promise<StyleSpecification> {
  const ground = await beneath();
  const ordered = [
    ...ground.layers.filter(({ type }) => !NAMES.has(type)),
    ...layers.filter(({ type }) => !POINTS.has(type)),
    ...ground.layers.filter(({ type }) => NAMES.has(type)),
    ...layers.filter(({ type }) => POINTS.has(type)),
  ];
  return { ...ground, sources: { ...ground.sources, ...sources }, layers: ordered };
}

const NAMES: ReadonlySet<string> = new Set(['symbol']);
const POINTS: ReadonlySet<string> = new Set(['symbol', 'circle']);

async function beneath(): Promise<StyleSpecification> {
  if (GROUND.kind === 'remote') {
    try {
      return await fetchRemote(GROUND.styleUrl);
    } catch (error) {
      console.error(error);
      return styled(plainGround(say`The map style of ${new URL(GROUND.styleUrl).host} could not be had.`));
    }
  }
  if (GROUND.kind === 'plain') return styled(plainGround(GROUND.trouble));
  // An extract ends somewhere, and rides do not keep to it: beyond it lies the plain ground.
  return styled(plainGround(), streetsGround(GROUND));
}

function styled(...grounds: Overlay[]): StyleSpecification {
  return {
    version: 8,
    sources: Object.assign({}, ...grounds.map(({ sources }) => sources)),
    layers: grounds.flatMap(({ layers }) => layers),
  };
}
