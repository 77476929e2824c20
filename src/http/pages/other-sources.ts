import { RIDERS, type SourceName } from '../../vocabulary.ts';

/** Whether there is anything on the page of sources that other pages do not have. */
export const hasOtherSources = (
  sources: ReadonlyMap<SourceName, unknown>,
  accounts: readonly { source: SourceName }[],
): boolean =>
  // Pryv needs no configuration, so it is there for everybody.
  [...sources.keys()].some((name) => name !== RIDERS && name !== 'pryv') ||
  accounts.some(({ source }) => source !== RIDERS);
