import type { Facet, Facets, LibraryPage } from '../storage/library.ts';
import { countryName } from './formats.ts';
import { type Html, html } from './html.ts';
import { icon } from './icons.ts';
import { humanised } from './item-words.ts';
import {
  type FilterName,
  type Filters,
  type LibraryView,
  usualOrder,
  viewHref,
  viewParameters,
  withFilters,
} from './library-view.ts';
import { type Message, message, said, say } from './say.ts';
import { shortDay } from './times.ts';
import { count, inWords, type Units } from './units.ts';

/** One chip: what it limits, in words when it does, and what it opens. */
export interface Chip {
  label: Message;
  /** Words of the link that takes its limit away: in its panel, and where nothing was found. */
  any: Message;
  atAny: Message;
  names: readonly FilterName[];
  /** What is set, `40–100 km`; only asked where something is. */
  words: (filters: Filters, facets: Facets) => string;
  /** Null: there is nothing to choose. */
  panel: (view: LibraryView, facets: Facets, units: Units) => Html | null;
}

/** The line of chips. Each opens downwards without script: a choice is a link, a range is a form. `last`: what ends the line. */
export function filterLine(
  view: LibraryView,
  { facets }: Pick<LibraryPage, 'facets'>,
  units: Units,
  last: Html | null = view.at === '/library' ? sorting(view) : null,
): Html {
  const active = activeChips(view);
  return html`<div class="filters" role="group" aria-label="${say`Filters`}">
${CHIPS.map((each) => chip(each, view, facets, units))}
${active.length > 1 && html`<a class="chip plain" href="${viewHref({ ...view, filters: {}, page: 1 })}">${say`Clear all`}</a>`}
${last}
</div>`;
}

export const activeChips = ({ filters }: LibraryView): Chip[] =>
  CHIPS.filter(({ names }) => names.some((name) => filters[name] !== undefined));

/** The same view without what this chip limits. */
export const withoutChip = (view: LibraryView, { names }: Chip): LibraryView =>
  withFilters(view, Object.fromEntries(names.map((name) => [name, ''])));

function chip(each: Chip, view: LibraryView, facets: Facets, units: Units): Html | null {
  const set = each.names.some((name) => view.filters[name] !== undefined);
  const panel = each.panel(view, facets, units);
  if (!panel && !set) return null;
  const label = said(each.label);
  const words = set ? html`<span class="hidden-words">${label}: </span>${each.words(view.filters, facets)}` : label;
  return html`<details class="filter" name="filter"><summary class="chip"${set && html` data-set`}><span class="words">${words}</span>${icon('down')}</summary>
<div class="panel"><p class="panel-title">${label}</p>${panel}${set && html`<p class="drop"><a href="${viewHref(withoutChip(view, each))}">${said(each.any)}</a></p>`}</div></details>`;
}

const CHIPS: readonly Chip[] = [
  {
    label: message('Date'),
    any: message('Any date'),
    atAny: message('At any date'),
    names: ['from', 'to'],
    words: ({ from, to }) => (from && to && yearOf(from, to)) || between(from && shortDay(from), to && shortDay(to)),
    panel: (view, { years }) =>
      html`${choices(
        years.map(({ value, count: items }) =>
          choice(view, { from: `${value}-01-01`, to: `${value}-12-31` }, value, items),
        ),
      )}${range(view, 'date', ['from', 'to'], ['from', say`From`], ['to', say`To`])}`,
  },
  measured(
    { label: message('Distance'), any: message('Any distance'), atAny: message('At any distance') },
    {
      metric: { unit: 'km', least: 'min_km', most: 'max_km' },
      imperial: { unit: 'mi', least: 'min_mi', most: 'max_mi' },
    },
  ),
  measured(
    { label: message('Climbing'), any: message('Any climbing'), atAny: message('At any climbing') },
    {
      metric: { unit: 'm', least: 'min_climb', most: 'max_climb' },
      imperial: { unit: 'ft', least: 'min_climb_ft', most: 'max_climb_ft' },
    },
  ),
  {
    label: message('Activity'),
    any: message('Any activity'),
    atAny: message('At any activity'),
    names: ['activity'],
    words: ({ activity = '' }) => humanised(activity),
    panel: (view, { activities }) => listOf(view, 'activity', activities),
  },
  {
    label: message('Gear'),
    any: message('Any gear'),
    atAny: message('At any gear'),
    names: ['gear'],
    words: ({ gear = '' }, facets) => facets.gear.find(({ value }) => value === gear)?.name ?? gear,
    panel: (view, { gear }) =>
      gear.length === 0
        ? null
        : choices(gear.map(({ value, name, count: items }) => choice(view, { gear: value }, name, items))),
  },
  {
    label: message('Place'),
    any: message('Any place'),
    atAny: message('At any place'),
    names: ['country', 'area'],
    words: ({ country, area }, { countries }) =>
      [area, country && countryName(country, countries.find(({ value }) => value === country)?.name ?? country)]
        .filter(Boolean)
        .join(', '),
    panel: (view, { countries }) =>
      countries.length === 0
        ? null
        : choices(
            countries.flatMap(({ value, name, count: items, areas }) => [
              choice(view, { country: value, area: '' }, countryName(value, name), items),
              ...areas.map((area) =>
                choice(view, { country: value, area: area.value }, area.value, area.count, 'within'),
              ),
            ]),
          ),
  },
  {
    label: message('Visibility'),
    any: message('Any visibility'),
    atAny: message('At any visibility'),
    names: ['visibility'],
    words: ({ visibility = '' }) => humanised(visibility),
    panel: (view, { visibilities }) => (visibilities.length < 2 ? null : listOf(view, 'visibility', visibilities)),
  },
  {
    // Where statistics lead: what they count is limited to it, so that the figures are the same.
    label: message('Rider'),
    any: message('Any rider'),
    atAny: message('At any rider'),
    names: ['whose'],
    words: () => say`Only mine`,
    panel: () => null,
  },
];

interface Bounds {
  unit: string;
  least: FilterName;
  most: FilterName;
}

/** Asked for in the rider's units, and told in those that the address is in: it may have come from somebody else. */
function measured(words: Pick<Chip, 'label' | 'any' | 'atAny'>, bounds: Record<Units['name'], Bounds>): Chip {
  const each = Object.values(bounds);
  const names = each.flatMap(({ least, most }) => [least, most]);
  return {
    ...words,
    names,
    words: (filters) =>
      each
        .filter(({ least, most }) => filters[least] !== undefined || filters[most] !== undefined)
        .map(({ unit, least, most }) => between(filters[least], filters[most], (value) => inWords({ value, unit })))
        .join(', '),
    panel: (view, _facets, units) => {
      const { unit, least, most } = bounds[units.name];
      return range(view, 'number', names, [least, say`At least, ${unit}`], [most, say`At most, ${unit}`]);
    },
  };
}

const listOf = (view: LibraryView, name: FilterName, facets: readonly Facet[]): Html | null =>
  facets.length === 0
    ? null
    : choices(facets.map(({ value, count: items }) => choice(view, { [name]: value }, humanised(value), items)));

const choices = (links: readonly Html[]): Html | null =>
  links.length === 0 ? null : html`<ul class="choices-list">${links.map((link) => html`<li>${link}</li>`)}</ul>`;

function choice(view: LibraryView, changes: Filters, words: string, items: number, place?: 'within'): Html {
  const chosen = (Object.keys(changes) as FilterName[]).every((name) => (view.filters[name] ?? '') === changes[name]);
  return html`<a class="option${place && ` ${place}`}" href="${viewHref(withFilters(view, changes))}"${chosen && html` aria-current="true"`}><span>${words}</span> <span class="number">${count(items)}</span></a>`;
}

type Bound = readonly [name: FilterName, label: string];

/** A form of two fields that stands for all of `names`. Everything else of the view goes with it. */
function range(view: LibraryView, type: 'date' | 'number', names: readonly string[], ...bounds: [Bound, Bound]): Html {
  const kept = viewParameters(view).filter(([name]) => !names.includes(name));
  return html`<form class="range" action="${view.at}" method="get">
${kept.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
${bounds.map(
  ([name, label]) =>
    html`<label>${label} <input type="${type}" name="${name}" value="${view.filters[name] ?? ''}"${type === 'number' && html` min="0" max="999999" step="any" inputmode="decimal"`}></label>`,
)}
<button>${say`Show`}</button>
</form>`;
}

const SORT_WORDS = {
  date: { desc: message('Newest first'), asc: message('Oldest first') },
  distance: { desc: message('Longest first'), asc: message('Shortest first') },
  climbing: { desc: message('Most climbing first'), asc: message('Least climbing first') },
  time: { desc: message('Most time first'), asc: message('Least time first') },
  name: { asc: message('Name, A to Z'), desc: message('Name, Z to A') },
  updated: { desc: message('Last edited first'), asc: message('First edited first') },
} as const;

function sorting(view: LibraryView): Html {
  const { sort: now, order: nowOrder } = view;
  const links = (Object.keys(SORT_WORDS) as (keyof typeof SORT_WORDS)[]).flatMap((sort) =>
    (['desc', 'asc'] as const)
      .toSorted((a) => (a === usualOrder(sort) ? -1 : 1))
      .map((order) => {
        const chosen = sort === now && order === nowOrder;
        return html`<a class="option" href="${viewHref({ ...view, sort, order, page: 1 })}"${chosen && html` aria-current="true"`}>${said(SORT_WORDS[sort][order])}</a>`;
      }),
  );
  return html`<details class="filter sorting" name="filter"><summary class="chip plain"><span class="hidden-words">${say`Sorted:`} </span>${said(SORT_WORDS[now][nowOrder])}${icon('down')}</summary>
<div class="panel"><p class="panel-title">${say`Sort`}</p>${choices(links)}</div></details>`;
}

/** `40–100`, `from 40`, `up to 100`; each as `write` has it. */
function between(least: string | undefined, most: string | undefined, write = (value: string) => value): string {
  if (least && most) return write(`${least}–${most}`);
  return least ? say`from ${write(least)}` : say`up to ${write(most ?? '')}`;
}

function yearOf(from: string, to: string): string | undefined {
  const year = from.slice(0, 4);
  return from === `${year}-01-01` && to === `${year}-12-31` ? year : undefined;
}
