/** The line without the points that are nearer than `tolerance` to what is left of it. Its ends stay. */
export function simplify(
  xs: readonly number[],
  ys: readonly number[],
  tolerance: number,
): [xs: number[], ys: number[]] {
  const last = xs.length - 1;
  const kept = new Uint8Array(xs.length);
  kept[0] = kept[last] = 1;
  // A stack instead of recursion: a straight road of 100,000 points would be as many calls deep.
  const spans = [0, last];
  while (spans.length > 0) {
    const to = spans.pop() as number;
    const from = spans.pop() as number;
    const far = farthest(xs, ys, from, to, tolerance);
    if (far === 0) continue;
    kept[far] = 1;
    spans.push(from, far, far, to);
  }
  const left = (_: number, at: number): boolean => kept[at] === 1;
  return [xs.filter(left), ys.filter(left)];
}

/** 0: all between the two is near enough to the straight line. */
function farthest(xs: readonly number[], ys: readonly number[], from: number, to: number, tolerance: number): number {
  const [ax, ay] = [xs[from] ?? 0, ys[from] ?? 0];
  const [dx, dy] = [(xs[to] ?? 0) - ax, (ys[to] ?? 0) - ay];
  const length = dx * dx + dy * dy;
  let [found, most] = [0, tolerance * tolerance];
  for (let at = from + 1; at < to; at += 1) {
    let [px, py] = [(xs[at] ?? 0) - ax, (ys[at] ?? 0) - ay];
    const along = length === 0 ? 0 : (px * dx + py * dy) / length;
    if (along >= 1) {
      px -= dx;
      py -= dy;
    } else if (along > 0) {
      px -= along * dx;
      py -= along * dy;
    }
    const far = px * px + py * py;
    if (far > most) {
      found = at;
      most = far;
    }
  }
  return found;
}
