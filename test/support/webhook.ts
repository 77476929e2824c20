import { createHmac } from 'node:crypto';
import { SECRET } from './slipstream.ts';

export const sign = (body: string | Buffer, secret = SECRET): string =>
  createHmac('sha256', secret).update(body).digest('hex');

/** Sends a webhook as the provider does. `headers` replace the true ones; `undefined` leaves one out. */
export function deliver(
  url: string,
  body: string | Buffer,
  headers: Record<string, string | undefined> = {},
): Promise<Response> {
  const all: Record<string, string | undefined> = {
    'content-type': 'application/json',
    'user-agent': 'RideWithGPS',
    'x-rwgps-api-key': 'test-key',
    'x-rwgps-signature': sign(body),
    ...headers,
  };
  const given = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return fetch(url, { method: 'POST', headers: given, body: typeof body === 'string' ? body : new Uint8Array(body) });
}

export const notification = (over: Record<string, unknown> = {}) => ({
  user_id: 1,
  item_type: 'trip',
  item_id: 7,
  item_url: 'https://ridewithgps.com/trips/7.json',
  action: 'updated',
  ...over,
});

export const bodyOf = (...notifications: unknown[]): string => JSON.stringify({ notifications });
