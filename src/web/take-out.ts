import type { FileFormat } from '../export/index.ts';
import { type Html, html } from './html.ts';
import { icon } from './icons.ts';
import { type LibraryView, viewFilters } from './library-view.ts';
import { counted } from './units.ts';

const FORMATS: Record<FileFormat, string> = {
  gpx: 'GPX, for other programs and devices',
  fit: 'FIT, for head units and training sites',
  tcx: 'TCX, for older devices',
  geojson: 'GeoJSON, for maps',
  json: 'JSON, as Ride With GPS sent it',
};

/** Everything that the library shows, on all its pages, as files in one archive. */
export function takeOut(view: LibraryView, total: number): Html {
  return html`<form class="take-out" action="/api/v1/export.zip" method="get" data-take-out>
${Object.entries(viewFilters(view)).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
<label for="format">All of these as</label>
<select id="format" name="format">${Object.entries(FORMATS).map(([format, words]) => html`<option value="${format}">${words}</option>`)}</select>
<button class="button">${icon('download')}Download ${counted(total, 'file')}</button>
<input type="hidden" name="ticket" disabled>
<progress hidden aria-label="Files written so far"></progress><span class="quiet" role="status" data-take-out-words></span>
</form>`;
}
