import type { Map as MapLibre } from 'maplibre-gl';
import { token } from './tokens.ts';

/** Degrees from straight on, of the cues that are turns. */
const TURNS: Record<string, number> = {
  straight: 0,
  'slight left': -45,
  left: -90,
  'sharp left': -135,
  'slight right': 45,
  right: 90,
  'sharp right': 135,
  uturn: 180,
  'u turn': 180,
};
const SIZE = 22;
/** Drawn twice as large, for screens that show it. */
const FINE = 2;

/** The name of the picture for a cue in the colours of now: a turn is an arrow, anything else its first letter. */
export function signOf(type: string): string {
  const words = type
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
  const sign = words in TURNS ? words : words.slice(0, 1) || '•';
  return `${sign}|${token('ink')}|${token('map-casing')}`;
}

/** Draws each picture when the map first wants it. */
export function drawSigns(map: MapLibre): void {
  map.setMissingStyleImageResolver((id) => {
    const [sign, ink, ground] = id.split('|');
    if (sign === undefined || ink === undefined || ground === undefined || map.hasImage(id)) return;
    const picture = draw(sign, ink, ground);
    if (picture) map.addImage(id, picture, { pixelRatio: FINE });
  });
}

function draw(sign: string, ink: string, ground: string): ImageData | null {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = SIZE * FINE;
  const pen = canvas.getContext('2d');
  if (!pen) return null;
  pen.scale(FINE, FINE);
  pen.translate(SIZE / 2, SIZE / 2);
  pen.lineWidth = 1.5;
  pen.strokeStyle = ink;
  pen.fillStyle = ground;
  pen.beginPath();
  pen.arc(0, 0, SIZE / 2 - 1, 0, 2 * Math.PI);
  pen.fill();
  pen.stroke();
  const turn = TURNS[sign];
  if (turn === undefined) write(pen, sign, ink);
  else arrow(pen, turn);
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}

function write(pen: CanvasRenderingContext2D, sign: string, ink: string): void {
  pen.fillStyle = ink;
  pen.font = '600 12px "Overpass Variable", sans-serif';
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  pen.fillText(sign.toUpperCase(), 0, 1);
}

/** Up to the middle of the crossing and then the way that it turns. */
function arrow(pen: CanvasRenderingContext2D, degrees: number): void {
  pen.lineWidth = 2;
  pen.lineCap = pen.lineJoin = 'round';
  const back = degrees === 180;
  pen.beginPath();
  if (back) {
    pen.moveTo(3, 5);
    pen.lineTo(3, -1);
    pen.arc(0, -1, 3, 0, Math.PI, true);
    pen.translate(-3, -1);
  } else {
    pen.moveTo(0, 6);
    pen.lineTo(0, 0);
  }
  pen.rotate((degrees * Math.PI) / 180);
  pen.moveTo(0, 0);
  pen.lineTo(0, -6);
  pen.moveTo(-3, -3);
  pen.lineTo(0, -6);
  pen.lineTo(3, -3);
  pen.stroke();
}
