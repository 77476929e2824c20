/** The answer of `{item}/track.json`: columns of one length, one row a point. */
export interface Track {
  /** Longitude and latitude, degrees. */
  x: Column;
  y: Column;
  /** Metres from the start. */
  d: Column;
  /** Metres above the sea. */
  e: Column;
  /** Epoch seconds. */
  t?: Column;
  /** Kilometres per hour. */
  s?: Column;
  /** Beats and turns a minute, watts, degrees Celsius. */
  h?: Column;
  c?: Column;
  p?: Column;
  T?: Column;
  cues: Cue[];
  pois: PointOfInterest[];
}

type Column = (number | null)[];

interface Cue {
  x: number;
  y: number;
  d: number | null;
  type: string | null;
  text: string | null;
}

interface PointOfInterest {
  x: number;
  y: number;
  type: string | null;
  name: string | null;
  description: string | null;
}

/** @throws Error when the server does not answer with a track. */
export async function fetchTrack(itemPath: string): Promise<Track> {
  const answer = await fetch(`${itemPath}/track.json`, { headers: { accept: 'application/json' } });
  if (!answer.ok) throw new Error(`No track: the server answered ${answer.status}`);
  const track: Track = JSON.parse(await answer.text());
  return track;
}
