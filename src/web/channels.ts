import type { Track } from '../export/track.ts';
import { type Message, message } from './say.ts';
import { decimal, type Measure, type Units } from './units.ts';

/** What is recorded along a track and drawn in a chart of its own. The server reserves their places, the browser draws them. */
export type ChannelKey = 'e' | 's' | 'h' | 'c' | 'p' | 'T';

export interface Channel {
  key: ChannelKey;
  name: Message;
  /** Of its token: `--chart-heart`. */
  colour: string;
  /** The least that the axis of the chart covers, in units of the column, and whether it begins at zero. */
  span: number;
  fromZero: boolean;
  measure(value: number, units: Units): Measure;
}

const whole =
  (unit: string) =>
  (value: number): Measure => ({ value: decimal(value, 0), unit });

/** In the order of the page. */
export const CHANNELS: readonly Channel[] = [
  {
    key: 'e',
    name: message('Elevation'),
    colour: 'ink',
    // Flat land must not look like mountains.
    span: 60,
    fromZero: false,
    measure: (metres, units) => units.height(metres),
  },
  {
    key: 's',
    name: message('Speed'),
    colour: 'chart-speed',
    span: 10,
    fromZero: true,
    measure: (speed, units) => units.speed(speed),
  },
  { key: 'h', name: message('Heart rate'), colour: 'chart-heart', span: 40, fromZero: false, measure: whole('bpm') },
  { key: 'c', name: message('Cadence'), colour: 'chart-cadence', span: 40, fromZero: true, measure: whole('rpm') },
  { key: 'p', name: message('Power'), colour: 'chart-power', span: 100, fromZero: true, measure: whole('W') },
  {
    key: 'T',
    name: message('Temperature'),
    colour: 'chart-temperature',
    span: 8,
    fromZero: false,
    measure: (celsius, units) => units.temperature(celsius),
  },
];

/** The column of a channel; none where the track has not a single value of it. */
export function columnOf(track: Track, { key }: Pick<Channel, 'key'>): (number | null)[] | undefined {
  return track[key];
}
