import { z } from 'zod';
import { createHttpClient, LIMITS } from '../http/client.ts';

const LIMIT_MS = 10_000;
const limits = { ...LIMITS, connectMs: LIMIT_MS, headersMs: LIMIT_MS, totalMs: LIMIT_MS, maxBytes: 8 * 1024 * 1024 };

const place = z.string().optional().catch(undefined);
const source = z.object({
  type: z.string(),
  url: place,
  tiles: z.array(z.string()).default([]).catch([]),
  /** An address, or the GeoJSON itself. */
  data: place,
});
const style = z.object({
  version: z.literal(8),
  sources: z.record(z.string(), source),
  glyphs: place,
  sprite: z.union([z.string(), z.array(z.object({ url: z.string() })), z.undefined()]).catch(undefined),
});
const tileJson = z.object({ tiles: z.array(z.string()).default([]) });

/**
 * Reads the style as a browser would, with nothing of a rider in the request, to learn which origins it leads to: its own first, and those
 * of tiles, glyphs and sprites.
 *
 * @throws Error whose message says what kept it from being read.
 */
export async function originsOf(styleUrl: URL): Promise<string[]> {
  const { sources, glyphs, sprite } = style.parse(await getJson(styleUrl));
  const sprites = typeof sprite === 'string' ? [sprite] : (sprite ?? []).map(({ url }) => url);
  const addresses = [glyphs, ...sprites].map((address) => allowed(address, styleUrl, styleUrl));
  for (const { type, url, tiles, data } of Object.values(sources)) {
    for (const address of [url, data, ...tiles]) addresses.push(allowed(address, styleUrl, styleUrl));
    const list = DESCRIBED.includes(type) ? allowed(url, styleUrl, styleUrl) : undefined;
    if (!list) continue;
    for (const address of tileJson.parse(await getJson(list)).tiles) addresses.push(allowed(address, list, styleUrl));
  }
  return [...new Set([styleUrl.origin, ...addresses.flatMap((address) => address?.origin ?? [])])];
}

/** Sources whose `url` leads to a TileJSON, which names the tiles. */
const DESCRIBED = ['vector', 'raster', 'raster-dem'];

/** What a style may lead to: addresses as good as its own. Only a style of this machine may name others without https. */
function allowed(address: string | undefined, base: URL, styleUrl: URL): URL | undefined {
  if (address === undefined || !URL.canParse(address, base.href)) return undefined;
  const url = new URL(address, base);
  return url.protocol === 'https:' || (url.protocol === 'http:' && styleUrl.protocol === 'http:') ? url : undefined;
}

async function getJson(url: URL): Promise<unknown> {
  const http = createHttpClient(new URL(url.origin), limits);
  try {
    const { status, body } = await http.get(url.pathname + url.search, {});
    if (status !== 200) throw new Error(`It answered ${status}.`);
    return JSON.parse(body.toString('utf8'));
  } finally {
    await http.close();
  }
}
