import type { Facets, Library, LibraryFilter } from '../storage/library.ts';
import type { RiddenReader } from '../storage/statistics.ts';
import { yearSpan } from './days.ts';
import { withNames } from './records.ts';
import { type Choice, reportOf, type Statistics } from './report.ts';

export interface StatisticsRequest extends Choice {
  accountId: number;
  /** Whatever it says of types, state and owners: what counts are the account's own trips that are not deleted. */
  filter: Omit<LibraryFilter, 'types'>;
}

/** The statistics of what is filtered, and what there is to filter by. */
export interface StatisticsAnswer {
  statistics: Statistics;
  /** Of what is shown. */
  facets: Facets;
  /** What is filtered and was ridden by somebody else: pinned, and not counted. */
  ofOthers: number;
}

/** Runs in a worker: a long library takes tens of milliseconds. */
export async function statisticsOf(
  { library, statistics }: { library: Library; statistics: RiddenReader },
  { accountId, filter, ...choice }: StatisticsRequest,
): Promise<StatisticsAnswer> {
  const ridden: LibraryFilter = { ...filter, ...RIDDEN, owned: true };
  const { holders, ...report } = reportOf(await statistics.ridden(accountId, ridden), choice);
  const names = await statistics.names(
    accountId,
    holders.map(({ ride }) => ride),
  );
  const others = { ...filter, ...RIDDEN, owned: false };
  const shown = report.year === null ? ridden : inYear(ridden, report.year);
  const { facets } = await library.list(accountId, { ...shown, page: 1, pageSize: 1 });
  return {
    statistics: { ...report, records: withNames(holders, names) },
    facets,
    ofOthers: await library.tally(accountId, report.year === null ? others : inYear(others, report.year)),
  };
}

const RIDDEN = { types: ['trip'], state: 'active' } as const;

function inYear(filter: LibraryFilter, year: string): LibraryFilter {
  const { from, to } = yearSpan(year);
  return {
    ...filter,
    from: filter.from && filter.from > from ? filter.from : from,
    to: filter.to && filter.to < to ? filter.to : to,
  };
}
