import type { Config } from '../../config.ts';
import { originsOf } from '../../ground/remote-style.ts';
import { readTiles } from '../../ground/tiles.ts';
import { failed, ok, type Verdict, warning } from './verdict.ts';

/** What maps lie on: the file on our own disk, and the style of somebody else. Nothing where neither is set. */
export async function map({ mapTiles, mapStyleUrl }: Config): Promise<Verdict[]> {
  return [
    ...(mapTiles === undefined ? [] : [await tiles(mapTiles)]),
    ...(mapStyleUrl === undefined ? [] : [await style(new URL(mapStyleUrl))]),
  ];
}

async function tiles(path: string): Promise<Verdict> {
  try {
    const { schema, minZoom, maxZoom, bounds } = await readTiles(path).info();
    const [west, south, east, north] = bounds.map((degrees) => degrees.toFixed(2));
    return ok(
      'map tiles',
      `${path} has ${schema} vector tiles of zoom ${minZoom} to ${maxZoom}, from ${west}, ${south} to ${east}, ${north} (longitude, latitude).`,
    );
  } catch (error) {
    return failed('map tiles', `${messageOf(error)} Slipstream does not start like this.`);
  }
}

async function style(url: URL): Promise<Verdict> {
  try {
    return ok('map style', `Maps ask ${(await originsOf(url)).join(' and ')}, who learn where riders look.`);
  } catch (error) {
    return warning(
      'map style',
      `The style of ${url.host} could not be read (${messageOf(error)}) Maps are plain until it can: check MAP_STYLE_URL.`,
    );
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
