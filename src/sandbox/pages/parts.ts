import type { Sandbox } from '../http/parts.ts';
import type { Item, Rider } from '../model.ts';
import { type Html, html } from './html.ts';

/** Where a form returns to. */
export interface Place {
  rider: Rider;
  type: Item['type'];
}

/** A form for one verb. */
export function form(verb: string, place: Place, body: Html): Html {
  return html`<form method="post" action="/sandbox/api/${verb}">
<input type="hidden" name="page_rider" value="${place.rider.id}"><input type="hidden" name="page_type" value="${place.type}">
${body}</form>`;
}

export const hidden = (name: string, value: string | number): Html =>
  html`<input type="hidden" name="${name}" value="${value}">`;

const VISIBILITIES = [
  ['public', 'Public'],
  ['friends_only', 'Friends only'],
  ['private', 'Private'],
] as const;

/** Everything that can be done with one item. */
export function editor(item: Item, place: Place, { world }: Sandbox): Html {
  const which = html`${hidden('type', item.type)}${hidden('id', item.id)}`;
  const description = typeof item.attributes.description === 'string' ? item.attributes.description : '';
  const option = ([value, label]: readonly [string, string]) =>
    html`<option value="${value}"${value === item.visibility && html` selected`}>${label}</option>`;
  const pinned = world.pinned(place.rider.id).includes(item);
  return html`<div class="editor">
${form(
  'edit',
  place,
  html`<div class="editor">${which}
<label>Name<input name="name" value="${item.name}" required></label>
<label>Description<textarea name="description" rows="2">${description}</textarea></label>
<div class="row"><label>Who can see it<select name="visibility">${VISIBILITIES.map(option)}</select></label><button class="primary">Save</button></div></div>`,
)}
<div class="row">
${form(pinned ? 'unpin' : 'pin', place, html`${which}${hidden('rider', place.rider.id)}<button>${pinned ? 'Unpin' : 'Pin'}</button>`)}
${form('delete', place, html`${which}<button class="grave">Delete</button>`)}
</div></div>`;
}

/** A number with its small unit. */
export const figure = (value: number | null, unit: string): Html =>
  html`${value === null ? '–' : value.toLocaleString('en')}<small>${unit}</small>`;

export const kilometres = (metres: number | null): number | null =>
  metres === null ? null : Math.round(metres / 100) / 10;

/** A day, in UTC, as `3 Nov 2026`. */
export const day = (ms: number): string =>
  new Date(ms).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
