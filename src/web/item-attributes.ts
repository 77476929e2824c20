import { humanised } from './item-words.ts';
import { type Message, message, said, say } from './say.ts';
import { count, counted, decimal, duration, inWords, type Measure, type Units } from './units.ts';

/** Every stored attribute of an item in words: those we know with a label and a unit, any other by its own name. */
export interface Attribute {
  label: string;
  text: string;
}

/** `body` is the provider's object of a route or trip. Empty values are left out: they say nothing. */
export function attributes(body: Record<string, unknown>, units: Units): Attribute[] {
  const keys = inPageOrder(Object.keys(body)).filter((key) => !ELSEWHERE.has(key));
  const all = keys.flatMap((key) => {
    const whole = attribute(key, body[key], units);
    return [...(whole.text === '' ? [] : [whole]), ...inside(whole.label, body[key])];
  });
  return once(all);
}

/** The provider has some things under two names. */
export const once = (all: readonly Attribute[]): Attribute[] => [
  ...new Map(all.map((attribute) => [`${attribute.label}\n${attribute.text}`, attribute])).values(),
];

/** One attribute by its key; of a value that says nothing the text is empty. */
export function attribute(key: string, value: unknown, units: Units): Attribute {
  const [known, format] = KNOWN.get(key) ?? [null, plain];
  const label = known ? said(known) : humanised(key);
  return { label, text: isEmpty(value) ? '' : format(value, units) || plain(value) };
}

/** Those that we know, as a page lists them, and then the others. */
export function inPageOrder(keys: readonly string[]): string[] {
  const there = new Set(keys);
  return [...[...KNOWN.keys()].filter((key) => there.has(key)), ...keys.filter((key) => !KNOWN.has(key))];
}

/** What is in an object or a short list, each leaf by its own name: `Gear, created at`. */
function inside(label: string, value: unknown): Attribute[] {
  if (typeof value !== 'object' || value === null || isEmpty(value)) return [];
  if (!Array.isArray(value)) {
    return Object.entries(value).flatMap(([key, part]) =>
      key === 'privacy_code' ? [] : leaf(`${label}, ${humanised(key).toLowerCase()}`, part),
    );
  }
  if (value.every((part) => typeof part !== 'object')) return [{ label, text: value.map(String).join(', ') }];
  if (value.length > MOST_PARTS)
    return [{ label, text: say`${counted(value.length, 'entry', 'entries')}, in the raw object` }];
  return value.flatMap((part, at) => leaf(`${label} ${at + 1}`, part));
}

function leaf(label: string, value: unknown): Attribute[] {
  if (isEmpty(value)) return [];
  return typeof value === 'object' ? inside(label, value) : [{ label, text: plain(value) }];
}

/** A list that is longer would fill the page. */
const MOST_PARTS = 3;

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
}

/** Shown in another form on the page, or not meant for eyes: a privacy code is a secret. */
const ELSEWHERE = new Set([
  'track_points',
  'course_points',
  'points_of_interest',
  'photos',
  'name',
  'description',
  'privacy_code',
]);

/** A format answers an empty string for what it does not understand: what is in an object is listed anyway. */
type Format = (value: unknown, units: Units) => string;

const ofNumber =
  (measure: (value: number, units: Units) => Measure | string): Format =>
  (value, units) => {
    if (typeof value !== 'number') return '';
    const measured = measure(value, units);
    return typeof measured === 'string' ? measured : inWords(measured);
  };

const distance = ofNumber((metres, units) => units.distance(metres));
const height = ofNumber((metres, units) => units.height(metres));
const speed = ofNumber((kilometresPerHour, units) => units.speed(kilometresPerHour));
const span = ofNumber(duration);
const unit = (name: string) => ofNumber((value) => ({ value: count(value), unit: name }));
const degrees = ofNumber((value) => `${decimal(value, 5)}°`);
const word: Format = (value) => (typeof value === 'string' ? humanised(value) : '');
const time = (value: unknown): string =>
  typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? value.replace('T', ' ').replace(/Z$/, ' UTC') : '';

/** In the order of the page. A map, because a key of a body may be any: `constructor`. */
const KNOWN: ReadonlyMap<string, readonly [label: Message, format: Format]> = new Map(
  Object.entries({
    departed_at: [message('Departed'), time],
    time_zone: [message('Time zone'), plain],
    activity_type: [message('Activity'), word],
    distance: [message('Distance'), distance],
    elevation_gain: [message('Climbing'), height],
    elevation_loss: [message('Descending'), height],
    moving_time: [message('Moving time'), span],
    duration: [message('Total time'), span],
    avg_speed: [message('Average speed'), speed],
    max_speed: [message('Fastest'), speed],
    avg_hr: [message('Average heart rate'), unit('bpm')],
    min_hr: [message('Lowest heart rate'), unit('bpm')],
    max_hr: [message('Highest heart rate'), unit('bpm')],
    avg_cad: [message('Average cadence'), unit('rpm')],
    min_cad: [message('Lowest cadence'), unit('rpm')],
    max_cad: [message('Highest cadence'), unit('rpm')],
    avg_watts: [message('Average power'), unit('W')],
    min_watts: [message('Lowest power'), unit('W')],
    max_watts: [message('Highest power'), unit('W')],
    calories: [message('Energy'), unit('kcal')],
    terrain: [message('Terrain'), word],
    difficulty: [message('Difficulty'), word],
    track_type: [message('Shape'), word],
    surface: [message('Surface'), word],
    unpaved_pct: [message('Unpaved'), unit('%')],
    device: [message('Device'), plain],
    is_stationary: [message('Stationary'), plain],
    stationary: [message('Stationary'), plain],
    visibility: [message('Visibility'), word],
    locality: [message('Locality'), plain],
    administrative_area: [message('Region'), plain],
    country_code: [message('Country'), plain],
    first_lat: [message('Start, latitude'), degrees],
    first_lng: [message('Start, longitude'), degrees],
    last_lat: [message('Finish, latitude'), degrees],
    last_lng: [message('Finish, longitude'), degrees],
    sw_lat: [message('Southern edge'), degrees],
    sw_lng: [message('Western edge'), degrees],
    ne_lat: [message('Northern edge'), degrees],
    ne_lng: [message('Eastern edge'), degrees],
    created_at: [message('Created'), time],
    updated_at: [message('Updated'), time],
    id: [message('Number'), plain],
    user_id: [message('Number of the rider'), plain],
    html_url: [message('Address'), plain],
    web_url: [message('Address'), plain],
    url: [message('Address for programs'), plain],
    name: [message('Name'), plain],
    description: [message('Description'), plain],
  }),
);

/** A time, by whatever name. */
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/;

/** Empty for an object or a list. */
function plain(value: unknown): string {
  if (typeof value === 'boolean') return value ? say`Yes` : say`No`;
  if (typeof value === 'string' && INSTANT.test(value)) return time(value);
  return typeof value === 'object' ? '' : String(value);
}
