import type { Preferences } from '../storage/preferences.ts';
import type { Ground, PlainGround } from '../web/ground.ts';
import { say } from '../web/say.ts';
import { originsOf } from './remote-style.ts';
import { readTiles, type Tiles } from './tiles.ts';

export interface GroundParts {
  /** Path of a PMTiles archive. */
  mapTiles: string | undefined;
  /** Address of a MapLibre style. */
  mapStyleUrl: string | undefined;
  /** Told once when something that was set cannot be had, and once when something else keeps it from being had. */
  warn: (sentence: string) => void;
  /** Epoch milliseconds. */
  now: () => number;
}

/** What this installation can put under a track. */
export interface Grounds {
  tiles: Tiles | undefined;
  /** What a rider sees who chose this. It never waits for another machine. */
  chosen(style: Preferences['mapStyle']): Promise<Ground>;
  /** Where browsers may go for a ground that says `remote`. */
  origins(): readonly string[];
}

/** A style seldom moves. */
const READ_AGAIN_MS = 3_600_000;
const TRY_AGAIN_MS = 60_000;

/**
 * Opens what is set. What is not there later is replaced by the plain ground and a sentence: no map stays empty, and nobody is sent to a
 * third party because our own file broke.
 *
 * @throws UnusableTiles when `mapTiles` cannot be used.
 */
export async function openGrounds({ mapTiles, mapStyleUrl, warn, now }: GroundParts): Promise<Grounds> {
  const tiles = mapTiles === undefined ? undefined : readTiles(mapTiles);
  await tiles?.info();
  const remote = mapStyleUrl === undefined ? undefined : watchStyle(new URL(mapStyleUrl));
  const richest = tiles ? 'streets' : remote ? 'remote' : 'plain';
  let warned = '';

  return {
    tiles,
    async chosen(wish) {
      const kind = wish || richest;
      if (kind === 'streets' && tiles) return streets(tiles);
      if (kind === 'remote' && remote) return remote.ground();
      return { kind: 'plain' };
    },
    origins: () => remote?.origins() ?? [],
  };

  async function streets(from: Tiles): Promise<Ground> {
    try {
      const { version, ...info } = await from.info();
      warned = '';
      return { kind: 'streets', tiles: `/map/ground/{z}/{x}/{y}.mvt?v=${version}`, ...info };
    } catch (error) {
      return without(say`The streets on our own disk cannot be read; the log says why.`, reasonOf(error));
    }
  }

  function watchStyle(url: URL) {
    let known: string[] | undefined;
    let failed = false;
    let due = 0;
    const read = async (): Promise<void> => {
      due = now() + TRY_AGAIN_MS;
      try {
        known = await originsOf(url);
        due = now() + READ_AGAIN_MS;
      } catch (error) {
        failed = true;
        warn(
          `MAP_STYLE_URL: The map style of ${url.host} could not be read. It is tried again in a minute. ${reasonOf(error)}`,
        );
      }
    };
    const trouble = (): string =>
      failed
        ? say`The map style of ${url.host} could not be read. It is tried again in a minute.`
        : say`The map style of ${url.host} was not read yet.`;
    void read();
    return {
      origins: () => known ?? [],
      ground(): Ground {
        // Whoever looks at a map has it looked after; without anybody, nothing is asked for.
        if (now() >= due) void read();
        return known ? { kind: 'remote', styleUrl: url.href } : { kind: 'plain', trouble: trouble() };
      },
    };
  }

  function without(trouble: string, reason: string): PlainGround {
    if (warned !== reason) warn(reason);
    warned = reason;
    return { kind: 'plain', trouble };
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
