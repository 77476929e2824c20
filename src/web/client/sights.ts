import type { Position } from './track-line.ts';

/** What somebody asked to see on the map: a point of the track, a stretch of it, a place beside it. */
type Sight = { point: number } | { from: number; to: number } | { place: Position };

export interface Sights {
  show(sight: Sight): void;
  /** There may never be a map: then nobody follows. */
  follow(shown: (sight: Sight) => void): void;
}

export function createSights(): Sights {
  const followers: ((sight: Sight) => void)[] = [];
  return {
    show: (sight) => {
      for (const shown of followers) shown(sight);
    },
    follow: (shown) => void followers.push(shown),
  };
}
