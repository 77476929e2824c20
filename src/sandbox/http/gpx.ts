import type { Item, Point } from '../model.ts';
import { escapeHtml } from '../pages/html.ts';
import { isPlaced } from '../rides/distance.ts';

/** The original file, as far as the sandbox has one. */
export function asGpx(item: Item, points: readonly Point[]): string {
  const lines = points.filter(isPlaced).map(({ x, y, e, t }) => {
    const height = e === undefined ? '' : `<ele>${e}</ele>`;
    const time = t === undefined ? '' : `<time>${new Date(t * 1_000).toISOString()}</time>`;
    return `<trkpt lat="${y}" lon="${x}">${height}${time}</trkpt>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator="sandbox" xmlns="http://www.topografix.com/GPX/1/1">
<trk><name>${escapeHtml(item.name)}</name><trkseg>
${lines.join('\n')}
</trkseg></trk>
</gpx>
`;
}
