import type { FileFormat } from '../export/index.ts';
import type { LibraryItem } from '../storage/library.ts';
import { type Html, html } from './html.ts';
import { providerWord } from './provider-words.ts';
import { say } from './say.ts';
import { rideDay, rideDayInMonth } from './times.ts';
import { duration, type Measure, type Units } from './units.ts';

/** How an item is spoken of, in lists and on its own page. */

/** `/routes/1`, `/trips/2`: its page; below `/api/v1` and with `.json` and so on, its files. */
export function itemPath({ type, id }: { type: string; id: string }): string {
  return `/${type}s/${encodeURIComponent(id)}`;
}

export function itemName({ name, type }: Pick<LibraryItem, 'name' | 'type'>): string {
  if (name.trim() !== '') return name;
  return type === 'route' ? say`Unnamed route` : say`Unnamed trip`;
}

/** `Ljubljana, Central Slovenia, SI`; empty when nothing is known. */
export function place(item: LibraryItem): string {
  const parts = [item.locality, item.administrative_area, item.country_code].filter((part) => part.trim() !== '');
  return parts.filter((part, at) => parts.indexOf(part) === at).join(', ');
}

/** When it belongs in time: a trip departed, a route was last edited. ISO 8601. */
export function itemTime(item: LibraryItem): string {
  return item.departed_at ?? item.updated_at;
}

/** `Sat 4 July 2026`; for a route, `edited Sat 4 July 2026`. */
export function itemDay(item: LibraryItem, timeZone?: string): string {
  return item.departed_at === null ? say`edited ${rideDay(item.updated_at)}` : rideDay(item.departed_at, timeZone);
}

/** The same beneath the heading of its month. */
export function itemDayInMonth(item: LibraryItem): string {
  return item.departed_at === null ? say`edited ${rideDayInMonth(item.updated_at)}` : rideDayInMonth(item.departed_at);
}

/** Null where there is no time to tell: routes, and trips without one. */
export function movingTime(item: LibraryItem): Measure | null {
  const seconds = item.moving_time ?? item.duration;
  return seconds === null ? null : duration(seconds);
}

export function distance({ distance: metres }: LibraryItem, units: Units): Measure | null {
  return metres === null ? null : units.distance(metres);
}

export function climbing({ elevation_gain: metres }: LibraryItem, units: Units): Measure | null {
  return metres === null ? null : units.height(metres);
}

/** A number with its small unit; a dash for what is not known. */
export function figure(measure: Measure | null): Html {
  if (measure === null) return html`<span class="unknown" aria-label="${say`unknown`}">–</span>`;
  return html`${measure.value}<span class="unit">\u202f${measure.unit}</span>`;
}

/** A word of the provider, `friends_only` or `cycling:road`, as people write it: `Friends only`, `Cycling, road`. */
export function humanised(key: string): string {
  const words = key.replaceAll('_', ' ').replaceAll(':', ', ').trim();
  return providerWord(words.charAt(0).toUpperCase() + words.slice(1));
}

/** As people write it. */
export const formatName = (format: FileFormat): string => (format === 'geojson' ? 'GeoJSON' : format.toUpperCase());
