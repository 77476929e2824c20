import type { PhotoRef } from '../../storage/photos.ts';
import { isObject } from '../element.ts';
import { idIn } from './read.ts';

/** More than any ride has; a body that names more is no ride's. */
const MOST_PHOTOS = 500;
const MOST_URL = 2_000;

/** The `photos` of a route or trip: `[{id, url, highlighted, caption, created_at}]` (the provider's OpenAPI file, 2026-06). */
export function photosIn(photos: unknown): PhotoRef[] {
  const refs = (Array.isArray(photos) ? photos.slice(0, MOST_PHOTOS) : []).flatMap((photo): PhotoRef[] => {
    if (!isObject(photo) || typeof photo.url !== 'string' || photo.url.length > MOST_URL) return [];
    const id = idIn(photo.id);
    return id === undefined ? [] : [{ id, url: photo.url }];
  });
  return [...new Map(refs.map((ref) => [ref.id, ref])).values()];
}

/**
 * Where the provider itself keeps photos. Its OpenAPI file says no more of `url` than that it is a text. Public programs that show such
 * photos have `https://ridewithgps.com/photos/ID/large.jpg` (and `full`, `medium`), older ones `assets0.ridewithgps.com/photos/…`; none
 * was found with another domain. So it is this domain and what is below it, by https on the usual port. A photo elsewhere is shown as
 * not copied, with the reason: a host that turns out to be the provider's belongs here.
 */
export const isPhotoHost = ({ protocol, hostname, port, username, password }: URL): boolean =>
  protocol === 'https:' &&
  port === '' &&
  username === '' &&
  password === '' &&
  (hostname === 'ridewithgps.com' || hostname.endsWith('.ridewithgps.com'));
