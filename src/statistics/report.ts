import type { RiddenLibrary } from '../storage/statistics.ts';
import { dayOf, monthSpan, type Span, weekdayOf, weekOf, weekSpan, within, yearOf, yearSpan } from './days.ts';
import { type Eddington, eddington, METRES_PER_MILE } from './eddington.ts';
import { addRide, type Figures, nothing, type Stretch, sumBy, total } from './figures.ts';
import { type ActivityFigures, byActivity, byGear, type GearFigures } from './kinds.ts';
import { FASTEST_OVER_METRES, type Holder, type RideRecord, recordsOf } from './records.ts';
import { type Streak, streakOfDays, streakOfWeeks } from './streaks.ts';

/**
 * What was ridden. Days are those of the library's filters, in UTC. Everything adds up: the totals are the sum of the months, of
 * the weeks, of the days of the week, of the activities and of the bikes, each with `undated`.
 */
export interface Statistics {
  /** The year that is shown; null: all of them. */
  year: string | null;
  totals: Figures;
  /** Of all years: what has no date. */
  undated: Figures;
  /** The year before up to the same day, and this one as far as it has come; null where nothing was ridden then. */
  before: { year: string; until: string; figures: Figures; so_far: Figures } | null;
  /** Whatever year is shown: every one with a ride, the latest first. */
  years: (Stretch & { year: string })[];
  /** Of a year all twelve, each beside the same one of the year before; else those with a ride. */
  months: (Stretch & { before: Figures | null })[];
  /** From Monday to Sunday. Of a year all of them, cut off at its ends; else those with a ride. */
  weeks: Stretch[];
  /** Seven, from Monday on. */
  weekdays: Figures[];
  /** Those with a ride; of a single year only. */
  days: (Figures & { day: string })[];
  activities: ActivityFigures[];
  gear: GearFigures[];
  records: RideRecord[];
  /** Metres: the fastest average is of rides that are at least so long. */
  fastest_over: number;
  /** The one with the longest distance. */
  best: { day: Stretch | null; week: Stretch | null; month: Stretch | null };
  streaks: { days: Streak | null; weeks: Streak | null };
  /** Of what is shown, and whatever year is shown. */
  eddington: Record<'km' | 'miles', { shown: Eddington; ever: Eddington }>;
}

/** Whose names are not known yet. */
export type Draft = Omit<Statistics, 'records'> & { holders: Holder[] };

export interface Choice {
  /** `all`, or one of them; without it the present one, or the last before it with a ride. */
  year?: string | undefined;
  /** In UTC. */
  today: string;
}

export function reportOf({ rides, kinds }: RiddenLibrary, { year: asked, today }: Choice): Draft {
  const { days: allDays, undated } = sumDays(rides);
  const years = yearsOf(allDays);
  const year = chosenYear(years, asked, today);
  const days = year === null ? allDays : daysOf(allDays, yearSpan(year));
  const shown = year === null ? rides : rides.filter(({ at }) => at.startsWith(`${year}-`));
  const ridden = [...days.keys()].sort();
  const months = monthsOf(allDays, days, year);
  const weeks = weeksOf(days, year);
  const each = ridden.map((day) => ({ day, ...(days.get(day) ?? nothing()) }));
  const metres = (of: ReadonlyMap<string, Figures>) => [...of.values()].map(({ distance }) => distance);
  const numbers = (unit: number) => ({ shown: eddington(metres(days), unit), ever: eddington(metres(allDays), unit) });
  return {
    year,
    totals: total(year === null ? [...days.values(), undated] : days.values()),
    undated: year === null ? undated : nothing(),
    before: year === null ? null : beforeOf(allDays, year, today),
    years,
    months,
    weeks,
    weekdays: weekdaysOf(days),
    days: year === null ? [] : each,
    activities: byActivity(shown, kinds),
    gear: byGear(shown, kinds),
    holders: recordsOf(shown),
    fastest_over: FASTEST_OVER_METRES,
    best: {
      day: longest(each.map(({ day, ...figures }) => ({ from: day, to: day, ...figures }))),
      week: longest(weeks),
      month: longest(months.map(({ before: _, ...month }) => month)),
    },
    streaks: { days: streakOfDays(ridden), weeks: streakOfWeeks(ridden) },
    eddington: { km: numbers(1000), miles: numbers(METRES_PER_MILE) },
  };
}

function sumDays(rides: RiddenLibrary['rides']): { days: Map<string, Figures>; undated: Figures } {
  const days = new Map<string, Figures>();
  const undated = nothing();
  for (const ride of rides) {
    const day = dayOf(ride.at);
    const sum = day === '' ? undated : (days.get(day) ?? nothing());
    addRide(sum, ride);
    if (day !== '') days.set(day, sum);
  }
  return { days, undated };
}

function yearsOf(days: ReadonlyMap<string, Figures>): Statistics['years'] {
  const years = [...sumBy(days, yearOf)].map(([year, figures]) => ({ year, ...yearSpan(year), ...figures }));
  return years.sort((a, b) => b.year.localeCompare(a.year));
}

/** A clock that was wrong may have made a year to come: that is never what one comes to see. */
function chosenYear(years: Statistics['years'], asked: string | undefined, today: string): string | null {
  if (asked === 'all') return null;
  if (asked !== undefined) return asked;
  return (years.find(({ year }) => year <= yearOf(today)) ?? years[0])?.year ?? yearOf(today);
}

function daysOf(days: ReadonlyMap<string, Figures>, { from, to }: Span): Map<string, Figures> {
  return new Map([...days].filter(([day]) => day >= from && day <= to));
}

function beforeOf(days: ReadonlyMap<string, Figures>, year: string, today: string): Statistics['before'] {
  const last = yearBefore(year);
  const end = year === yearOf(today) ? today : yearSpan(year).to;
  const same = `${last}${end.slice(4)}`;
  // The year before a leap year has no 29th of February.
  const until = [same, monthSpan(same.slice(0, 7)).to].sort()[0] ?? same;
  const upTo = (to: string) => total(daysOf(days, { from: yearSpan(yearOf(to)).from, to }).values());
  const figures = upTo(until);
  return figures.rides === 0 ? null : { year: last, until, figures, so_far: upTo(end) };
}

const yearBefore = (year: string): string => String(Number(year) - 1).padStart(4, '0');

function monthsOf(
  allDays: ReadonlyMap<string, Figures>,
  days: ReadonlyMap<string, Figures>,
  year: string | null,
): Statistics['months'] {
  const all = sumBy(allDays, (day) => day.slice(0, 7));
  if (year === null) {
    return [...all]
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([month, figures]) => ({ ...monthSpan(month), ...figures, before: null }));
  }
  const shown = sumBy(days, (day) => day.slice(5, 7));
  return Array.from({ length: 12 }, (_, at) => {
    const number = String(at + 1).padStart(2, '0');
    const before = all.get(`${yearBefore(year)}-${number}`) ?? null;
    return { ...monthSpan(`${year}-${number}`), ...(shown.get(number) ?? nothing()), before };
  });
}

function weeksOf(days: ReadonlyMap<string, Figures>, year: string | null): Stretch[] {
  const sums = sumBy(days, weekOf);
  if (year === null) {
    return [...sums].sort(([a], [b]) => a - b).map(([week, figures]) => ({ ...weekSpan(week), ...figures }));
  }
  const span = yearSpan(year);
  const first = weekOf(span.from);
  return Array.from({ length: weekOf(span.to) - first + 1 }, (_, at) => ({
    ...within(weekSpan(first + at), span),
    ...(sums.get(first + at) ?? nothing()),
  }));
}

function weekdaysOf(days: ReadonlyMap<string, Figures>): Figures[] {
  const sums = sumBy(days, weekdayOf);
  return Array.from({ length: 7 }, (_, weekday) => sums.get(weekday) ?? nothing());
}

const longest = (stretches: readonly Stretch[]): Stretch | null =>
  stretches.reduce<Stretch | null>((best, each) => (each.distance > (best?.distance ?? 0) ? each : best), null);
