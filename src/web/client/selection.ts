/** Two points of the track, the earlier first. */
export interface Stretch {
  from: number;
  to: number;
}

/** The stretch that map and charts show together, or none. */
export interface Selection {
  /** Two points in any order; the same one twice is none. */
  between(one: number, other: number): void;
  /** From a point to where the selected stretch ends, or to the end of the track where that lies before it. */
  begin(at: number): void;
  /** Likewise up to a point. */
  end(at: number): void;
  clear(): void;
  now(): Stretch | null;
  follow(changed: (stretch: Stretch | null) => void): void;
}

/** @param last the last point of the track. */
export function createSelection(last: number): Selection {
  const followers: ((stretch: Stretch | null) => void)[] = [];
  let current: Stretch | null = null;
  const set = (stretch: Stretch | null) => {
    if (stretch?.from === current?.from && stretch?.to === current?.to) return;
    current = stretch;
    for (const changed of followers) changed(stretch);
  };
  const between = (one: number, other: number) =>
    set(one === other ? null : { from: Math.min(one, other), to: Math.max(one, other) });
  return {
    between,
    begin: (at) => between(at, current && current.to > at ? current.to : last),
    end: (at) => between(current && current.from < at ? current.from : 0, at),
    clear: () => set(null),
    now: () => current,
    follow: (changed) => void followers.push(changed),
  };
}
