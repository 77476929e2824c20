import type { Track } from '../../export/track.ts';

/** @throws Error when the server does not answer with a track. */
export async function fetchTrack(itemPath: string): Promise<Track> {
  const answer = await fetch(`${itemPath}/track.json`, { headers: { accept: 'application/json' } });
  if (!answer.ok) throw new Error(`No track: the server answered ${answer.status}`);
  const track: Track = JSON.parse(await answer.text());
  return track;
}
