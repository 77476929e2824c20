/** Two points of the track, the earlier first. */
export interface Stretch {
  from: number;
  to: number;
}

/** The stretch that map and charts show together, or none. */
export interface Selection {
  /** Two points in any order; the same one twice is none. */
  between(one: number, other: number): void;
  clear(): void;
  now(): Stretch | null;
  follow(changed: (stretch: Stretch | null) => void): void;
}

export function createSelection(): Selection {
  const followers: ((stretch: Stretch | null) => void)[] = [];
  let current: Stretch | null = null;
  const set = (stretch: Stretch | null) => {
    if (stretch?.from === current?.from && stretch?.to === current?.to) return;
    current = stretch;
    for (const changed of followers) changed(stretch);
  };
  return {
    between: (one, other) => set(one === other ? null : { from: Math.min(one, other), to: Math.max(one, other) }),
    clear: () => set(null),
    now: () => current,
    follow: (changed) => void followers.push(changed),
  };
}
