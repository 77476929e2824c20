/** A place of the track that was pressed, and on what. */
interface Held {
  index: number;
  on: object;
}

/** One place on the track that map and charts point at together: an index into the track, or nowhere. */
export interface Cursor {
  /** With null nothing is pointed at: the cursor goes back to the place that is held, if there is one. */
  set(index: number | null): void;
  now(): number | null;
  follow(moved: (index: number | null) => void): void;
  /** Null lets go. */
  hold(held: Held | null): void;
  held(): Held | null;
  followHeld(changed: (held: Held | null) => void): void;
}

/** Whoever follows may set it again with the same index: nothing happens then, so two followers cannot chase each other. */
export function createCursor(): Cursor {
  const followers: ((index: number | null) => void)[] = [];
  const heldFollowers: ((held: Held | null) => void)[] = [];
  let [pointed, current] = [null as number | null, null as number | null];
  let kept: Held | null = null;
  const move = () => {
    const index = pointed ?? kept?.index ?? null;
    if (index === current) return;
    current = index;
    for (const moved of followers) moved(index);
  };
  return {
    set(index) {
      pointed = index;
      move();
    },
    now: () => current,
    follow: (moved) => void followers.push(moved),
    hold(held) {
      if (held?.index === kept?.index && held?.on === kept?.on) return;
      kept = held;
      for (const changed of heldFollowers) changed(held);
      move();
    },
    held: () => kept,
    followHeld: (changed) => void heldFollowers.push(changed),
  };
}
