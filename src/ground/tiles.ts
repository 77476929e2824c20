import { promisify } from 'node:util';
import { brotliDecompress, gunzip, zstdDecompress } from 'node:zlib';
import { Compression, type Header, PMTiles, ResolvedValueCache, TileType } from 'pmtiles';
import { z } from 'zod';
import type { StreetsGround, TileSchema } from '../web/ground.ts';
import { tileFile, versionOf } from './tile-file.ts';

/** What is in the archive; `version` changes with the file. */
interface TilesInfo extends Omit<StreetsGround, 'kind' | 'tiles'> {
  version: string;
}

interface Tile {
  bytes: Buffer;
  /** As in the header `Content-Encoding`; undefined: not compressed, or not in a way that browsers have a name for. */
  encoding: 'gzip' | 'br' | 'zstd' | undefined;
}

/** The vector tiles of one PMTiles archive. */
export interface Tiles {
  /** @throws UnusableTiles */
  info(): Promise<TilesInfo>;
  /** Undefined where the archive has none. @throws UnusableTiles */
  tile(z: number, x: number, y: number): Promise<Tile | undefined>;
  /** The same tile for a browser that does not take the encoding. */
  unpack(tile: Tile): Promise<Tile>;
}

/** The file of MAP_TILES cannot be read or has nothing that can be drawn. The message says why and what to do. */
export class UnusableTiles extends Error {
  constructor(path: string, why: string, options?: ErrorOptions) {
    super(`MAP_TILES: ${path} ${why}`, options);
    this.name = 'UnusableTiles';
  }
}

/** Directories that are held in memory, each with up to some thousand entries. */
const DIRECTORIES_KEPT = 40;
const ENCODINGS: Partial<Record<Compression, Tile['encoding']>> = {
  [Compression.Gzip]: 'gzip',
  [Compression.Brotli]: 'br',
  [Compression.Zstd]: 'zstd',
};

/** Reads the archive at `path` whenever it is asked; nothing is held open. */
export function readTiles(path: string): Tiles {
  const source = tileFile(path);
  const directories = new ResolvedValueCache(DIRECTORIES_KEPT, undefined, decompress);
  const archive = new PMTiles(source, directories, decompress);
  // Tiles travel as they are stored: who wants to see them unpacks them.
  const stored = new PMTiles(source, directories, async (bytes) => bytes);
  let known: TilesInfo | undefined;

  async function info(): Promise<TilesInfo> {
    try {
      const version = await versionOf(path);
      if (known?.version === version) return known;
      await directories.invalidate(source);
      const header = await archive.getHeader();
      known = {
        version: header.etag ?? version,
        ...describe(path, header, metadata.parse(await archive.getMetadata())),
      };
      return known;
    } catch (error) {
      throw unusable(path, error);
    }
  }

  return {
    info,
    async tile(z, x, y) {
      try {
        const found = await stored.getZxy(z, x, y);
        if (!found || found.data.byteLength === 0) return undefined;
        const { tileCompression } = await archive.getHeader();
        return { bytes: Buffer.from(found.data), encoding: ENCODINGS[tileCompression] };
      } catch (error) {
        throw unusable(path, error);
      }
    },
    async unpack({ bytes, encoding }) {
      return { bytes: encoding ? await UNPACK[encoding](bytes) : bytes, encoding: undefined };
    },
  };
}

const metadata = z.object({
  attribution: z.string().optional().catch(undefined),
  vector_layers: z
    .array(z.object({ id: z.string() }))
    .default([])
    .catch([]),
});

function describe(path: string, header: Header, { attribution, vector_layers }: z.output<typeof metadata>) {
  if (header.tileType !== TileType.Mvt) {
    throw new UnusableTiles(
      path,
      'has no vector tiles (MVT) in it: pictures could not follow the light and the dark theme. Take a vector archive, such as an extract of the Protomaps build.',
    );
  }
  const schema = schemaOf(new Set(vector_layers.map(({ id }) => id)));
  if (!schema) {
    throw new UnusableTiles(
      path,
      'has vector tiles whose layers are not known here. Take an archive in the schema of Protomaps (roads, earth, places) or of OpenMapTiles (transportation, place).',
    );
  }
  const { minZoom, maxZoom, minLon, minLat, maxLon, maxLat } = header;
  const bounds: StreetsGround['bounds'] = [minLon, minLat, maxLon, maxLat];
  return { schema, minZoom, maxZoom, bounds, attribution: textOf(attribution) || '© OpenStreetMap contributors' };
}

function schemaOf(layers: Set<string>): TileSchema | undefined {
  if (layers.has('roads')) return 'protomaps';
  return layers.has('transportation') ? 'openmaptiles' : undefined;
}

/** Archives bring HTML, with links to other places; whom the data is from can be said without. */
function textOf(attribution = ''): string {
  const text = attribution
    .replace(/<[^<>]*>/g, ' ')
    .replaceAll('&copy;', '©')
    .replaceAll('&amp;', '&');
  return text.replace(/[<>]/g, '').replace(/\s+/g, ' ').trim().slice(0, 200);
}

const UNPACK = { gzip: promisify(gunzip), br: promisify(brotliDecompress), zstd: promisify(zstdDecompress) };

async function decompress(bytes: ArrayBuffer, compression: Compression): Promise<ArrayBuffer> {
  if (compression === Compression.None || bytes.byteLength === 0) return bytes;
  const encoding = ENCODINGS[compression];
  if (!encoding) throw new Error('It is compressed in a way that it does not name.');
  const { buffer, byteOffset, byteLength } = await UNPACK[encoding](bytes);
  return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
}

function unusable(path: string, error: unknown): UnusableTiles {
  if (error instanceof UnusableTiles) return error;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const why =
    (typeof code === 'string' && MISSING[code]) ||
    'is no PMTiles archive (version 3), or a damaged one. Make or copy it again; "pmtiles verify" looks at it.';
  return new UnusableTiles(path, why, { cause: error });
}

const MISSING: Record<string, string> = {
  ENOENT: 'does not exist. Correct the path, or take MAP_TILES out.',
  EISDIR: 'is a folder. MAP_TILES names a file that ends in .pmtiles.',
  EACCES: 'may not be read by the user that Slipstream runs as.',
};
