import type { Losses } from './storage/items.ts';
import { RIDERS, SOURCE_TITLES, type SourceName } from './vocabulary.ts';

/** The rule of the deletion brake (promise 5): a wrong base URL or a proxy's 404 must not empty a library. */

/** Unannounced deletions are counted over this long. */
export const BRAKE_WINDOW_MS = 86_400_000;
/** The larger of the two may go within the window without a question. */
const BRAKE_ITEMS = 10;
/** 20 %. */
const ONE_IN = 5;

/** Would one more pass the limit? */
export const brakeHolds = (losses: Losses): boolean => losses.deleted + losses.held + 1 > brakeLimit(losses);

/** How many may go within the window: of what there was at its beginning. */
export const brakeLimit = ({ deleted, held, owned }: Losses): number =>
  Math.max(BRAKE_ITEMS, Math.floor((deleted + held + owned) / ONE_IN));

/** Why it stopped, and what the two answers mean; for the page, the API and the command line. */
export function brakeReason(losses: Losses, source: SourceName): string {
  const { deleted, held, owned } = losses;
  const gone = deleted + held;
  const sorts = `${gone.toLocaleString('en')} of your ${(gone + owned).toLocaleString('en')} ${source === RIDERS ? 'routes and trips' : 'records'}`;
  const before =
    deleted === 0 ? '' : ` ${deleted === 1 ? 'One of them counts' : `${deleted} of them count`} as deleted already.`;
  return (
    `Within a day, ${SOURCE_TITLES[source]} stopped having ${sorts}, and nobody announced it. ` +
    `Up to ${brakeLimit(losses).toLocaleString('en')} a day go without a question; so many at once may be a fault on the way, such as a proxy or a wrong address, so Slipstream stopped.${before}`
  );
}
