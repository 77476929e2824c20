import type { ClientConfig } from '../../config.ts';
import { createHttpClient } from '../../http/client.ts';
import { createDownloader } from '../../http/download.ts';
import type { Source } from '../source.ts';
import { createApi } from './api.ts';
import { headersOf } from './headers.ts';
import { isPhotoHost } from './photos.ts';
import { holdsSecret, parse, read, readElement, withoutSecret } from './read.ts';
import { createVerify } from './verify.ts';

export interface RideWithGpsConfig {
  baseUrl: string;
  clients: ClientConfig[];
}

/** Ride With GPS, both dialects: the 2022 one and v1. */
export function createRideWithGps({ baseUrl, clients }: RideWithGpsConfig): Source {
  const api = createApi(createHttpClient(new URL(baseUrl)));
  const downloader = createDownloader(new URL(baseUrl), isPhotoHost);
  return {
    name: 'ridewithgps',
    addressedByAccount: false,
    cursor: 'time',
    present: headersOf,
    keptHeaders: ['content-type', 'user-agent', 'x-rwgps-api-key'],
    ...createVerify(clients),
    holdsSecret,
    withoutSecret,
    parse,
    read,
    readElement,
    ...api,
    download: downloader.get,
    async close() {
      await Promise.all([api.close(), downloader.close()]);
    },
  };
}
