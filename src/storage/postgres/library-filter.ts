import type { LibraryFilter } from '../library.ts';
import { FOUND, queryOf } from './typed-words.ts';

type Bound = string | number | boolean | readonly string[];

/** A part of a statement on `listed`, with what is bound in it. */
export interface Condition {
  sql: string;
  values: Record<string, Bound>;
}

/** Everything of that day begins with it, and a "T" comes next. Who has no time at all is before nothing. */
export const UNTIL = "happened_at > '' AND happened_at < @to::text || 'U'";

function ofKind(sql: string): string {
  return `kind IN (SELECT id FROM kinds WHERE ${sql} AND account_id = @accountId)`;
}

const OF_OTHERS = 'SELECT id FROM items WHERE account_id = @accountId AND NOT owned';

/** One clause for each filter that is given: a statement with fewer of them is a faster one. */
const CLAUSES: readonly [sql: string, value: (filter: LibraryFilter, accountId: number) => Bound | undefined][] = [
  ['state = @state', ({ state }) => state ?? 'active'],
  ['type = ANY(@types)', ({ types }) => (types.length < 2 ? types : undefined)],
  [`item IN (${FOUND})`, ({ q }, accountId) => (q === undefined ? q : queryOf([accountId], q))],
  ['pinned = @pinned', ({ pinned }) => pinned],
  [`@mine::boolean AND item NOT IN (${OF_OTHERS})`, ({ owned }) => (owned === true ? true : undefined)],
  [`@others::boolean AND item IN (${OF_OTHERS})`, ({ owned }) => (owned === false ? true : undefined)],
  ['version >= @since', ({ since }) => since],
  ['distance >= @distanceMin', ({ distanceMin }) => distanceMin],
  ['distance <= @distanceMax', ({ distanceMax }) => distanceMax],
  ['climbing >= @climbingMin', ({ climbingMin }) => climbingMin],
  ['climbing <= @climbingMax', ({ climbingMax }) => climbingMax],
  ['happened_at >= @from', ({ from }) => from],
  [UNTIL, ({ to }) => to],
  [ofKind('activity_type = @activity'), ({ activity }) => activity],
  [ofKind('gear_id = @gear'), ({ gear }) => gear],
  [ofKind('visibility = @visibility'), ({ visibility }) => visibility],
  [ofKind('country_code = @country'), ({ country }) => country],
  [ofKind('administrative_area = @area'), ({ area }) => area],
];

export function conditionOf(accountId: number, filter: LibraryFilter): Condition {
  const condition: Condition = { sql: 'account_id = @accountId', values: { accountId } };
  for (const [sql, read] of CLAUSES) {
    const value = read(filter, accountId);
    if (value === undefined) continue;
    condition.sql += ` AND ${sql}`;
    condition.values[/@(\w+)/.exec(sql)?.[1] ?? ''] = value;
  }
  return condition;
}
