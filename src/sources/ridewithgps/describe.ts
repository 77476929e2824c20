import { NotTheProvider } from '../../http/errors.ts';
import { outlineOf } from '../../lines/trace.ts';
import type { Description } from '../../storage/items.ts';
import type { RideColumns } from '../../storage/library.ts';
import type { Key } from '../../vocabulary.ts';
import { isObject } from '../element.ts';
import { highestOf } from './highest.ts';
import { photosIn } from './photos.ts';
import { positionsIn } from './positions.ts';
import { idIn } from './read.ts';
import { thumbnailOf } from './thumbnail.ts';

/**
 * The item within an answer: `{route: {…}}` and `{trip: {…}}` in v1, `{type, route: {…}}` or the object itself in legacy answers.
 *
 * @throws NotTheProvider when it is another item or none.
 */
export function rideIn(answer: Record<string, unknown>, key: Pick<Key, 'type' | 'id'>): Record<string, unknown> {
  const inner = answer[key.type];
  const ride = isObject(inner) ? inner : answer;
  if (idIn(ride.id) !== key.id) throw new NotTheProvider('The answer is not the item that was asked for.');
  return ride;
}

/**
 * What the mirror keeps beside the body. Who reads more of a body here raises `DESCRIPTION`: what is stored is then read again. Real answers have nulls nearly everywhere (recorded ones, 2026-02).
 */
export function describeRide(
  ride: Record<string, unknown>,
  key: Pick<Key, 'account'>,
): Description & { ride: RideColumns } {
  const departedAt = timeIn(ride.departed_at);
  const columns: RideColumns = {
    description: textIn(ride.description),
    // A number in legacy answers (recorded ones, 2026-02), with a meaning that is documented nowhere: kept as it is.
    visibility: typeof ride.visibility === 'number' ? String(ride.visibility) : textIn(ride.visibility),
    locality: textIn(ride.locality),
    administrative_area: textIn(ride.administrative_area),
    country_code: textIn(ride.country_code),
    activity_type: textIn(ride.activity_type),
    ...gearIn(ride.gear),
    distance: numberIn(ride.distance),
    elevation_gain: numberIn(ride.elevation_gain),
    elevation_loss: numberIn(ride.elevation_loss),
    duration: numberIn(ride.duration),
    moving_time: numberIn(ride.moving_time),
    avg_speed: numberIn(ride.avg_speed),
    calories: numberIn(ride.calories),
    highest: highestOf(ride.track_points),
    departed_at: departedAt,
    created_at: timeIn(ride.created_at),
    thumbnail: thumbnailOf(ride.track_points),
  };
  const version = versionOf(ride);
  return {
    version,
    owned: idIn(ride.user_id) === key.account,
    title: textIn(ride.name),
    happenedAt: departedAt ?? (version || (columns.created_at ?? '')),
    ride: columns,
    record: null,
    photos: photosIn(ride.photos),
    outline: outlineOf(positionsIn(ride.track_points)),
  };
}

/** Described as its owner describes it: make and model, or what else there is. Only the owner is told it. */
function gearIn(gear: unknown): Pick<RideColumns, 'gear_id' | 'gear_name'> {
  if (!isObject(gear)) return { gear_id: '', gear_name: '' };
  const { id, make, model, description } = gear;
  const called = [textIn(make), textIn(model)].filter((part) => part !== '').join(' ');
  return { gear_id: idIn(id) ?? '', gear_name: called || textIn(description) };
}

/** The provider's `updated_at` in UTC, so that texts compare as times do; empty when it has none. */
export const versionOf = (ride: Record<string, unknown>): string => timeIn(ride.updated_at) ?? '';

const textIn = (value: unknown): string => (typeof value === 'string' ? value : '');
const numberIn = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;

function timeIn(value: unknown): string | null {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}
