import type { PhotoProblem, Picture, StoredPhoto, StoredPicture } from './photos.ts';

/** As every storage has it. */
export interface PictureRow {
  hash: Buffer;
  bytes: number;
  media: Picture['media'];
  width: number;
  height: number;
}

export type PhotoRow = { id: string; due_at: number | null; problem: PhotoProblem | null } & (
  | PictureRow
  | { [column in keyof PictureRow]: null }
);

export function photoOf(row: PhotoRow): StoredPhoto {
  const { id, problem } = row;
  if (row.hash !== null) return { id, state: 'copied', picture: pictureOf(row) };
  return row.due_at === null
    ? { id, state: 'failed', problem: problem ?? 'unreachable' }
    : { id, state: 'waiting', problem };
}

export const pictureOf = ({ hash, ...picture }: PictureRow): StoredPicture => ({
  hash: hash.toString('hex'),
  bytes: picture.bytes,
  media: picture.media,
  width: picture.width,
  height: picture.height,
});
