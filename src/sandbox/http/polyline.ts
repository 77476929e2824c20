import type { Point } from '../model.ts';
import { isPlaced } from '../rides/distance.ts';

/** Points on the line; the provider's is a simplified one too. */
const KEPT = 500;

/** Google's encoded polyline (five decimals), with longitude before latitude: the provider says "in XY format". Null without places. */
export function asPolyline(points: readonly Point[]): string | null {
  const placed = points.filter(isPlaced);
  if (placed.length === 0) return null;
  const every = Math.max(1, Math.ceil(placed.length / KEPT));
  let [lastX, lastY] = [0, 0];
  let line = '';
  for (const [index, point] of placed.entries()) {
    if (index % every !== 0 && index !== placed.length - 1) continue;
    const [x, y] = [Math.round(point.x * 1e5), Math.round(point.y * 1e5)];
    line += encoded(x - lastX) + encoded(y - lastY);
    [lastX, lastY] = [x, y];
  }
  return line;
}

/** Zigzag, then five bits a letter, lowest first. */
function encoded(change: number): string {
  let rest = change < 0 ? -2 * change - 1 : 2 * change;
  let text = '';
  for (; rest >= 32; rest = Math.floor(rest / 32)) text += String.fromCharCode((rest % 32) + 95);
  return text + String.fromCharCode(rest + 63);
}
