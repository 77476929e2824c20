import { createHmac } from 'node:crypto';
import { CLIENT, WEBHOOK_PATH } from './client.ts';

/** Which notifications are sent: about `itemsEach` items of each of so many riders, in turn, `perRequest` together. */
export interface Mail {
  perRequest: number;
  /** How many different requests are made and signed before anything is measured. */
  different: number;
  riders: number;
  itemsEach: number;
  /** Items of the first rider begin here, those of the next one after them. */
  firstItem: number;
}

/** Whole HTTP requests as they go over the wire, so that sending one costs the sender next to nothing. */
export function signedRequests(mail: Mail, host: string): Buffer[] {
  return Array.from({ length: mail.different }, (_, index) => requestOf(bodyOf(mail, index * mail.perRequest), host));
}

/** In the form of the provider's v1 dialect. */
function bodyOf({ perRequest, riders, itemsEach, firstItem }: Mail, from: number): string {
  const notifications = Array.from({ length: perRequest }, (_, offset) => {
    const which = (from + offset) % (riders * itemsEach);
    const rider = 1 + (which % riders);
    const item = firstItem + (rider - 1) * itemsEach + Math.floor(which / riders);
    return {
      user_id: rider,
      item_type: 'trip',
      item_id: item,
      item_user_id: rider,
      item_url: `https://ridewithgps.com/api/v1/trips/${item}.json`,
      action: 'updated',
      collection: null,
    };
  });
  return JSON.stringify({ notifications });
}

function requestOf(body: string, host: string): Buffer {
  const head = [
    `POST ${WEBHOOK_PATH} HTTP/1.1`,
    `host: ${host}`,
    'content-type: application/json',
    'user-agent: RideWithGPS',
    `x-rwgps-api-key: ${CLIENT.apiKey}`,
    `x-rwgps-signature: ${createHmac('sha256', CLIENT.clientSecret).update(body).digest('hex')}`,
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
}
