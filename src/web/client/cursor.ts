/** One place on the track that map and charts point at together: an index into the track, or nowhere. */
export interface Cursor {
  set(index: number | null): void;
  now(): number | null;
  follow(moved: (index: number | null) => void): void;
}

/** Whoever follows may set it again with the same index: nothing happens then, so two followers cannot chase each other. */
export function createCursor(): Cursor {
  const followers: ((index: number | null) => void)[] = [];
  let current: number | null = null;
  return {
    set(index) {
      if (index === current) return;
      current = index;
      for (const moved of followers) moved(index);
    },
    now: () => current,
    follow(moved) {
      followers.push(moved);
    },
  };
}
