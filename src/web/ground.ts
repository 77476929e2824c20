/** What lies beneath everything that is drawn on a map. Each page tells its map, in `data-ground` of the document. */
export type Ground = PlainGround | StreetsGround | RemoteGround;

/** Land and borders of the whole world, from our own file. */
export interface PlainGround {
  kind: 'plain';
  /** Why there is no more to see, though the installation should have it: a sentence for the map. */
  trouble?: string;
}

/** Vector tiles from our own disk. */
export interface StreetsGround {
  kind: 'streets';
  /** A path with `{z}`, `{x}` and `{y}` in it. */
  tiles: string;
  schema: TileSchema;
  minZoom: number;
  maxZoom: number;
  /** Degrees: west, south, east, north. */
  bounds: [number, number, number, number];
  /** Plain text: whom the data is from. */
  attribution: string;
}

/** A whole style, which the browser fetches from somebody else. */
interface RemoteGround {
  kind: 'remote';
  styleUrl: string;
}

/** How the layers of the tiles are named: as Protomaps builds them, or OpenMapTiles. */
export type TileSchema = 'protomaps' | 'openmaptiles';
