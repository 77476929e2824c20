import type { Router } from 'express';
import { z } from 'zod';
import type { Readers } from '../readers.ts';
import type { SignedIn } from './auth.ts';
import { complaintOf, filledIn, filterOf, listFilters } from './list-query.ts';
import { problem } from './problem.ts';

export interface StatisticsParts {
  readers: Pick<Readers, 'statistics'>;
  /** Epoch milliseconds. */
  now: () => number;
}

/** The filters of the lists; whose rides, and of which state, is not asked. */
const statisticsQuery = listFilters.omit({ state: true, owned: true, sort: true, order: true }).extend({
  year: z
    .string()
    .regex(/^(?:all|\d{4})$/, 'a year, or "all"')
    .optional(),
});

/**
 * `GET /api/v1/statistics?year=&…the filters of /api/v1/trips`: the figures of the statistics page, as `Statistics` in
 * `src/statistics/report.ts` describes them. Metres, seconds, kilocalories, kilometres per hour, days in UTC. `year` is one of them
 * or `all`; without it, the present one or the last before it with a ride. `of_others`: how many pinned trips of other riders the
 * filter leaves, which are in none of the figures.
 */
export function addStatistics(router: Router, { readers, now }: StatisticsParts, signedIn: SignedIn): void {
  router.get(
    '/statistics',
    signedIn(async ({ account }, request, response) => {
      const query = statisticsQuery.safeParse(filledIn(request.query));
      if (!query.success) return problem(response, 400, 'bad_query', complaintOf(query.error));
      const { year, ...filters } = query.data;
      const { types: _, ...filter } = filterOf(['trip'], filters);
      const today = new Date(now()).toISOString().slice(0, 10);
      const { statistics, ofOthers } = await readers.statistics({ accountId: account.id, filter, year, today });
      response.json({ ...statistics, of_others: ofOthers });
    }),
  );
}
