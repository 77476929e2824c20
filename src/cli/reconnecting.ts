import { RIDERS, type SourceName } from '../vocabulary.ts';

/** What to do where a provider refuses the token of an account. */
export const toReconnect = (source: SourceName): string =>
  source === RIDERS
    ? 'Open Slipstream and press Reconnect.'
    : `Give it a new one: "slipstream accounts add ${source}" where accounts are added, else the variables in .env and a new start.`;
