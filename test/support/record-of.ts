import { RIDERS, type SourceName } from '../../src/vocabulary.ts';
import type { Thing } from '../conformance/dialect.ts';
import type { Browser } from './slipstream.ts';

export interface ShownRecord {
  state: string;
  /** The body as JSON text. */
  text: string;
}

/** What Slipstream shows of a thing to whoever is signed in; undefined: nothing. */
export async function recordOf(
  browser: Browser,
  source: SourceName,
  { type, id }: Thing,
): Promise<ShownRecord | undefined> {
  const path = source === RIDERS ? `${type}s/${id}` : `sources/${source}/records/${type}/${encodeURIComponent(id)}`;
  const response = await browser.get(`/api/v1/${path}`);
  if (response.status === 404) return undefined;
  const { item } = (await response.json()) as { item: { state: string; body: unknown } };
  return { state: item.state, text: JSON.stringify(item.body) };
}
