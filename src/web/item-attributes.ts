import { humanised } from './item-words.ts';
import { count, decimal, duration, inWords, type Measure, type Units } from './units.ts';

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
  // The provider has some things under two names.
  return [...new Map(all.map((attribute) => [`${attribute.label}\n${attribute.text}`, attribute])).values()];
}

/** One attribute by its key; of a value that says nothing the text is empty. */
export function attribute(key: string, value: unknown, units: Units): Attribute {
  const [label, format] = KNOWN[key] ?? [humanised(key), plain];
  return { label, text: isEmpty(value) ? '' : format(value, units) || plain(value) };
}

/** Those that we know, as a page lists them, and then the others. */
export function inPageOrder(keys: readonly string[]): string[] {
  const there = new Set(keys);
  return [...Object.keys(KNOWN).filter((key) => there.has(key)), ...keys.filter((key) => !(key in KNOWN))];
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
  if (value.length > MOST_PARTS) return [{ label, text: `${count(value.length)} entries, in the raw object` }];
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
const time: Format = (value) =>
  typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? value.replace('T', ' ').replace(/Z$/, ' UTC') : '';

/** In the order of the page. */
const KNOWN: Record<string, readonly [label: string, format: Format]> = {
  departed_at: ['Departed', time],
  time_zone: ['Time zone', plain],
  activity_type: ['Activity', word],
  distance: ['Distance', distance],
  elevation_gain: ['Climbing', height],
  elevation_loss: ['Descending', height],
  moving_time: ['Moving time', span],
  duration: ['Total time', span],
  avg_speed: ['Average speed', speed],
  max_speed: ['Fastest', speed],
  avg_hr: ['Average heart rate', unit('bpm')],
  min_hr: ['Lowest heart rate', unit('bpm')],
  max_hr: ['Highest heart rate', unit('bpm')],
  avg_cad: ['Average cadence', unit('rpm')],
  min_cad: ['Lowest cadence', unit('rpm')],
  max_cad: ['Highest cadence', unit('rpm')],
  avg_watts: ['Average power', unit('W')],
  min_watts: ['Lowest power', unit('W')],
  max_watts: ['Highest power', unit('W')],
  calories: ['Energy', unit('kcal')],
  terrain: ['Terrain', word],
  difficulty: ['Difficulty', word],
  track_type: ['Shape', word],
  surface: ['Surface', word],
  unpaved_pct: ['Unpaved', unit('%')],
  device: ['Device', plain],
  is_stationary: ['Stationary', plain],
  stationary: ['Stationary', plain],
  visibility: ['Visibility', word],
  locality: ['Locality', plain],
  administrative_area: ['Region', plain],
  country_code: ['Country', plain],
  first_lat: ['Start, latitude', degrees],
  first_lng: ['Start, longitude', degrees],
  last_lat: ['Finish, latitude', degrees],
  last_lng: ['Finish, longitude', degrees],
  sw_lat: ['Southern edge', degrees],
  sw_lng: ['Western edge', degrees],
  ne_lat: ['Northern edge', degrees],
  ne_lng: ['Eastern edge', degrees],
  created_at: ['Created', time],
  updated_at: ['Updated', time],
  id: ['Number', plain],
  user_id: ['Number of the rider', plain],
  html_url: ['Address', plain],
  web_url: ['Address', plain],
  url: ['Address for programs', plain],
};

/** Empty for an object or a list. */
function plain(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  return typeof value === 'object' ? '' : String(value);
}
