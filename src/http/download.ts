import { isIP } from 'node:net';
import { Agent, request } from 'undici';
import { asProviderError, type ClientLimits, readCapped, waitOf } from './client.ts';
import { Elsewhere, NotTheProvider, ProviderDown, RateLimited } from './errors.ts';
import { lookupPublic } from './private-address.ts';

const MOST_REDIRECTS = 3;

const DOWNLOAD_LIMITS: ClientLimits = {
  connectMs: 10_000,
  headersMs: 20_000,
  totalMs: 60_000,
  maxBytes: 20 * 1024 * 1024,
};

/** Fetches what may lie on other hosts than the API: with no token and no cookie, which it is never given. */
export interface Downloader {
  /** @throws Elsewhere RateLimited ProviderDown NotTheProvider TooLarge */
  get(url: string): Promise<Buffer>;
  close(): Promise<void>;
}

/**
 * @param base - the configured origin, which may be in a private network.
 * @param isAllowed - which other addresses may be asked; never one in a private network, whatever its name says.
 */
export function createDownloader(
  base: URL,
  isAllowed: (url: URL) => boolean,
  limits: ClientLimits = DOWNLOAD_LIMITS,
): Downloader {
  const { connectMs: timeout, headersMs } = limits;
  const times = { headersTimeout: headersMs, bodyTimeout: headersMs, connections: 4, keepAliveTimeout: 10_000 };
  const near = new Agent({ connect: { timeout }, ...times });
  const far = new Agent({ connect: { timeout, lookup: lookupPublic }, ...times });

  /** @throws Elsewhere */
  function agentFor(url: URL): Agent {
    if (url.origin === base.origin && url.username === '' && url.password === '') return near;
    // An address that is none of names is looked up by nobody, so nobody would see where it leads.
    if (isAllowed(url) && isIP(url.hostname.replace(/^\[|\]$/g, '')) === 0) return far;
    throw new Elsewhere();
  }

  async function follow(url: URL, signal: AbortSignal, redirects: number): Promise<Buffer> {
    const headers = { accept: 'image/*', 'user-agent': 'Slipstream' };
    const {
      statusCode: status,
      headers: told,
      body,
    } = await request(url, {
      dispatcher: agentFor(url),
      headers,
      signal,
    });
    if (status === 200) return readCapped(body, false, limits.maxBytes, status);
    await body.dump();
    if (status === 429 || (status === 503 && told['retry-after'] !== undefined))
      throw new RateLimited(waitOf(told['retry-after'], Date.now()));
    if (status >= 500) throw new ProviderDown(`It answered ${status}.`);
    if (status < 300 || status >= 400 || typeof told.location !== 'string' || redirects === MOST_REDIRECTS)
      throw new NotTheProvider(`It answered ${status}.`);
    return follow(parsed(told.location, url), signal, redirects + 1);
  }

  return {
    async get(url) {
      try {
        return await follow(parsed(url, base), AbortSignal.timeout(limits.totalMs), 0);
      } catch (error) {
        throw asProviderError(error);
      }
    },
    async close() {
      await Promise.all([near.destroy(), far.destroy()]);
    },
  };
}

/** @throws Elsewhere for what is no address. */
function parsed(url: string, base: URL): URL {
  const absolute = URL.parse(url, base.href);
  if (!absolute) throw new Elsewhere();
  return absolute;
}
