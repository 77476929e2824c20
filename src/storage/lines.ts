import type { LibraryFilter, RideType } from './library.ts';

/** Where a track lies and how it is drawn on the map of everything. Units of the world as in `lines/world.ts`. */
export interface Outline extends Box {
  cells: { step: number; cell: number; line: Uint8Array }[];
}

/** East of a track over the antimeridian is beyond the edge of the world. */
export interface Box {
  west: number;
  south: number;
  east: number;
  north: number;
}

/** An item as it is spoken of outside. */
export interface ItemName {
  type: RideType;
  id: string;
}

/** The tracks of a library as lines. `accountId` as in `Library`: every read is limited to one account. */
export interface Lines {
  /** Another number after every change of what a map of the account can show. */
  version(accountId: number): Promise<number>;
  /** What a filter leaves, whether it has positions or not, by the row that `inCell` names. */
  shown(accountId: number, filter: LibraryFilter): Promise<Map<number, ItemName>>;
  /** What is drawn in one cell of one step, whatever its state. */
  inCell(accountId: number, step: number, cell: number): Promise<[item: number, line: Uint8Array][]>;
  /** How many of what a filter leaves have positions, and boxes that hold them: a few of neighbours together, so that whoever asks can see where nothing is. */
  boxes(accountId: number, filter: LibraryFilter): Promise<{ tracks: number; boxes: Box[] }>;
  /** Where each of these lies; those that are unknown or have no positions are left out. */
  places(accountId: number, items: readonly ItemName[]): Promise<(ItemName & Box)[]>;
}
