import type { Point } from '../model.ts';
import { type Recording, Unreadable } from './recording.ts';
import { all, known, type Node, numberOf, one, placeOf, readXml, secondsOf, textOf } from './xml.ts';

/** The lines of a KML file, and its timed tracks (`gx:Track`), in document order. */
export function readKml(bytes: Uint8Array): Recording {
  const kml = one(readXml(bytes), 'kml');
  if (!kml) throw new Unreadable('It is XML but not KML.');
  const points: Point[] = [];
  let name = textOf(kml, 'Document', 'name');
  const visit = (node: Node, title: string): void => {
    for (const line of all(node, 'LineString')) points.push(...coordinates(textOf(line, 'coordinates')));
    for (const track of all(node, 'Track')) points.push(...timed(track));
    if (points.length > 0 && name === '') name = title;
    for (const holder of HOLDERS) for (const child of all(node, holder)) visit(child, textOf(child, 'name') || title);
  };
  visit(kml, '');
  if (points.length === 0) throw new Unreadable('It has no line, only places or nothing.');
  return { name, planned: false, points };
}

const HOLDERS = ['Document', 'Folder', 'Placemark', 'MultiGeometry', 'MultiTrack'];

function coordinates(text: string): Point[] {
  return text
    .split(/\s+/)
    .filter((part) => part !== '')
    .map((part) => place(part.split(',')));
}

function timed(track: Node): Point[] {
  const times = all(track, 'when').map((node) => secondsOf(textOf(node)));
  return all(track, 'coord').map((node, index) => ({
    ...place(textOf(node).split(/\s+/)),
    ...known({ t: times[index] }),
  }));
}

function place([lng, lat, height]: string[]): Point {
  return { ...placeOf(numberOf(lng), numberOf(lat)), ...known({ e: numberOf(height) }) };
}
