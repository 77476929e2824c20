import type { Library } from '../storage/library.ts';
import type { Lines } from '../storage/lines.ts';
import type { RiddenReader } from '../storage/statistics.ts';
import { type StatisticsAnswer, type StatisticsRequest, statisticsOf } from './index.ts';

/** Some dozen kilobytes each. */
const MOST = 50;

export interface StatisticsParts {
  library: Library;
  statistics: RiddenReader;
  lines: Pick<Lines, 'version'>;
}

/**
 * Whoever looks at statistics goes back and forth between years and figures: what was summed up already is remembered until something
 * in the account's library changes.
 */
export function rememberStatistics(parts: StatisticsParts): (request: StatisticsRequest) => Promise<StatisticsAnswer> {
  const known = new Map<string, StatisticsAnswer>();
  return async (request) => {
    // Asked first: what is committed meanwhile makes the next one look again.
    const key = JSON.stringify([await parts.lines.version(request.accountId), request]);
    const answer = known.get(key) ?? (await statisticsOf(parts, request));
    known.delete(key);
    known.set(key, answer);
    for (const oldest of known.keys()) {
      if (known.size <= MOST) break;
      known.delete(oldest);
    }
    return answer;
  };
}
