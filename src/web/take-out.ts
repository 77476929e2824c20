import type { FileFormat } from '../export/index.ts';
import { type Html, html } from './html.ts';
import { icon } from './icons.ts';
import { type LibraryView, viewFilters } from './library-view.ts';
import { type Message, message, said, say } from './say.ts';
import { counted } from './units.ts';

const FORMATS: Record<FileFormat, Message> = {
  gpx: message('GPX, for other programs and devices'),
  fit: message('FIT, for head units and training sites'),
  tcx: message('TCX, for older devices'),
  geojson: message('GeoJSON, for maps'),
  json: message('JSON, as Ride With GPS sent it'),
};

/** Everything that the library shows, on all its pages, as files in one archive. */
export function takeOut(view: LibraryView, total: number): Html {
  return html`<form class="take-out" action="/api/v1/export.zip" method="get" data-take-out>
${Object.entries(viewFilters(view)).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
<label for="format">${say`All of these as`}</label>
<select id="format" name="format">${Object.entries(FORMATS).map(([format, words]) => html`<option value="${format}">${said(words)}</option>`)}</select>
<button class="button">${icon('download')}${say`Download ${counted(total, 'file')}`}</button>
<input type="hidden" name="ticket" disabled>
<progress hidden aria-label="${say`Files written so far`}"></progress><span class="quiet" role="status" data-take-out-words></span>
</form>`;
}
