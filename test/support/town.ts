import { createRandom } from '../../src/sandbox/random.ts';
import type { Point, Shape } from './mvt.ts';
import type { ArchiveOptions } from './pmtiles.ts';

/** A made-up valley where the sandbox's riders ride, with the layers of a Protomaps build. */

const CENTRE: Point = [14.61, 46.225];
/** Kilometres to each side. */
const REACH = 9;
const [WIDE, HIGH] = [1 / (111.32 * Math.cos((CENTRE[1] * Math.PI) / 180)), 1 / 111.32];

export const TOWN: ArchiveOptions = {
  bounds: [CENTRE[0] - REACH * WIDE, CENTRE[1] - REACH * HIGH, CENTRE[0] + REACH * WIDE, CENTRE[1] + REACH * HIGH],
  maxZoom: 14,
  metadata: { attribution: '<a href="https://protomaps.com">Protomaps</a> © <a href="x">OpenStreetMap</a>' },
};

/** From kilometres east and north of the centre. */
const place = ([x, y]: Point): Point => [CENTRE[0] + x * WIDE, CENTRE[1] + y * HIGH];

type Properties = Shape['properties'];
const make =
  (type: Shape['type']) =>
  (layer: string, properties: Properties, points: Point[]): Shape => ({
    layer,
    type,
    properties,
    points: points.map(place),
  });
const area = make('Polygon');
const line = make('LineString');
const spot = (layer: string, properties: Properties, at: Point): Shape => make('Point')(layer, properties, [at]);

export function townShapes(): Shape[] {
  const random = createRandom(7);
  const between = (low: number, high: number) => low + (high - low) * random.next();
  const river: Point[] = steps(-REACH, REACH, 0.25).map((y) => [0.9 * Math.sin(y / 2.1) + 0.25 * Math.sin(y * 1.7), y]);
  const beside = (off: number): Point[] => river.map(([x, y]) => [x + off + 0.08 * Math.sin(y * 3), y]);
  const blob = ([x, y]: Point, size: number): Point[] =>
    steps(0, 2 * Math.PI, 0.35).map((turn) => {
      const reach = size * between(0.75, 1.2);
      return [x + reach * Math.cos(turn), y + reach * Math.sin(turn)];
    });
  const bend = (from: Point, to: Point): Point[] => {
    const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
    const sway = between(-0.12, 0.12);
    return steps(0, 1, 0.1).map((t) => {
      const off = sway * Math.sin(t * Math.PI) + 0.03 * Math.sin(t * 9);
      return [from[0] + dx * t - dy * off, from[1] + dy * t + dx * off];
    });
  };

  const villages: [string, Point][] = [
    ['Nevlje', [1.6, 1.5]],
    ['Mekinje', [-0.9, 2.2]],
    ['Tunjice', [-3.6, 1.2]],
    ['Stahovica', [1.1, 5.4]],
    ['Šmarca', [-0.6, -4.6]],
    ['Volčji Potok', [3.2, -3.4]],
    ['Košiše', [-3.1, -2.6]],
    ['Vranja Peč', [4.9, 0.4]],
    ['Brezje nad Kamnikom', [-5.9, 3.9]],
    ['Laze', [5.6, 4.3]],
  ];
  const shapes: Shape[] = [
    area('earth', { kind: 'earth' }, square([0, 0], 2 * REACH)),
    ...steps(0, 26, 1).map((at) => {
      const side = at % 2 === 0 ? 1 : -1;
      return area('landuse', { kind: 'wood' }, blob([side * between(2.6, 8), between(-8, 8.5)], between(0.6, 1.7)));
    }),
    ...steps(0, 18, 1).map(() =>
      area('landuse', { kind: 'meadow' }, blob([between(-7, 7), between(-8, 8)], between(0.3, 0.8))),
    ),
    area('landuse', { kind: 'residential' }, blob([0.1, 0.2], 1.5)),
    ...villages.map(([, at]) => area('landuse', { kind: 'residential' }, blob(at, 0.45))),
    area('landuse', { kind: 'park' }, blob([0.9, -0.5], 0.28)),
    area('water', { kind: 'lake', name: 'Jezero' }, blob([-2.2, -5.6], 0.6)),
    spot('water', { kind: 'lake', name: 'Jezero' }, [-2.2, -5.6]),
    area('water', { kind: 'river' }, [...beside(-0.035), ...beside(0.035).reverse()]),
    line('water', { kind: 'river', name: 'Kamniška Bistrica' }, river),
    line('water', { kind: 'stream', name: 'Nevljica' }, bend([0.7, 1.2], [8, 3.2])),
    line('water', { kind: 'stream', name: 'Tunjščica' }, bend([-0.7, -1.5], [-8, 2.5])),
    line('roads', { kind: 'rail', kind_detail: 'rail' }, beside(-0.55)),
    line(
      'roads',
      { kind: 'highway', kind_detail: 'motorway', ref: 'A2', name: 'Gorenjka' },
      bend([-9, -6.6], [9, -7.1]),
    ),
    line('roads', { kind: 'major_road', kind_detail: 'primary', ref: '225', name: 'Ljubljanska cesta' }, beside(0.4)),
    line(
      'roads',
      { kind: 'major_road', kind_detail: 'primary', ref: '104', name: 'Cesta treh talcev' },
      bend([-9, -0.6], [0.4, 0.1]),
    ),
    ...villages.map(([name, at]) =>
      line(
        'roads',
        { kind: 'major_road', kind_detail: 'tertiary', name: `Cesta na ${name}` },
        bend([0.3, at[1] * 0.6], at),
      ),
    ),
    line('roads', { kind: 'path', kind_detail: 'cycleway', name: 'Kolesarska pot' }, beside(-0.16)),
    spot('pois', { kind: 'peak', name: 'Stari grad', elevation: 585 }, [1.9, 0.2]),
    spot('pois', { kind: 'peak', name: 'Hörnle', elevation: 1012 }, [3.4, 2.3]),
    line('boundaries', { kind: 'region' }, bend([-9, 6.4], [9, 7.2])),
    spot('places', { kind: 'locality', kind_detail: 'town', name: 'Kamnik', population_rank: 8 }, [0.05, 0.25]),
    ...villages.map(([name, at]) =>
      spot('places', { kind: 'locality', kind_detail: 'village', name, population_rank: 4 }, at),
    ),
    spot('places', { kind: 'neighbourhood', name: 'Perovo' }, [-0.7, -1.1]),
    spot('places', { kind: 'neighbourhood', name: 'Zaprice' }, [-0.6, 0.7]),
  ];
  const names = ['Šutna', 'Glavni trg', 'Medvedova ulica', 'Usnjarska cesta', 'Kranjska cesta', 'Maistrova ulica'];
  const streets = (at: Point, size: number, gap: number): Shape[] =>
    steps(-size, size, gap).flatMap((off, count) => {
      const [slope, reach] = [0.18 * off, Math.sqrt(Math.max(0.01, size * size - off * off))];
      const name = names[count % names.length] ?? '';
      const kind = { kind: 'minor_road', kind_detail: count % 4 === 3 ? 'service' : 'residential' };
      return [
        line(
          'roads',
          { ...kind, name },
          bend([at[0] - reach, at[1] + off - slope], [at[0] + reach, at[1] + off + slope]),
        ),
        line(
          'roads',
          { ...kind, name },
          bend([at[0] + off + slope, at[1] - reach], [at[0] + off - slope, at[1] + reach]),
        ),
      ];
    });
  shapes.push(...streets([0.1, 0.2], 1.35, 0.19), ...villages.flatMap(([, at]) => streets(at, 0.4, 0.16)));
  for (let at = 0; at < 30; at++) {
    const from: Point = [between(-8, 8), between(-8, 8)];
    const to: Point = [from[0] + between(-2, 2), from[1] + between(-2, 2)];
    shapes.push(line('roads', { kind: 'path', kind_detail: at % 2 ? 'track' : 'path' }, bend(from, to)));
  }
  for (let at = 0; at < 500; at++) {
    const [, centre] = villages[at % (villages.length * 2)] ?? ['', [0.1, 0.2]];
    const spread = at % (villages.length * 2) < villages.length ? 0.4 : 1.2;
    const corner: Point = [centre[0] + between(-spread, spread), centre[1] + between(-spread, spread)];
    shapes.push(area('buildings', { kind: 'building' }, square(corner, between(0.012, 0.035))));
  }
  return shapes;
}

const square = ([x, y]: Point, size: number): Point[] => [
  [x - size, y - size],
  [x + size, y - size],
  [x + size, y + size],
  [x - size, y + size],
];

function steps(from: number, to: number, step: number): number[] {
  return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, at) => from + at * step);
}
