/**
 * What events are about, in the provider's own words, and the collection that each is kept in. Of the collections only `/trips/{id}` is
 * documented (the provider's page "Webhooks", https://api.maas.ecovelo.mobi); the others follow its pattern, and whether they are there is
 * unknown. So nothing that is said of them may keep trips from being copied.
 */
export const COLLECTIONS: ReadonlyMap<string, string> = new Map([
  ['trip', 'trips'],
  ['cyclist', 'cyclists'],
  ['vehicule', 'vehicules'],
  ['abonnement', 'abonnements'],
  ['dock', 'docks'],
  ['station', 'stations'],
]);

export const isDocumented = (type: string): boolean => type === 'trip';

/** Of the prefixes of ids, these two are known. */
const PREFIXES: ReadonlyMap<string, string> = new Map([
  ['trip', 'trip'],
  ['cycl', 'cyclist'],
]);

const ID = /^[A-Za-z0-9_-]{1,64}$/;

/** An id that may stand in a path. */
export function idIn(value: unknown): string | undefined {
  const text = Number.isSafeInteger(value) ? String(value) : value;
  return typeof text === 'string' && ID.test(text) ? text : undefined;
}

/** What an id is of: its own prefix says it, where that is known, and else the first word of the topic. */
export function kindOf(topic: string, id: string): string | undefined {
  const prefix = id.split('_', 1)[0] ?? '';
  const family = topic.split('.', 1)[0] ?? '';
  return PREFIXES.get(prefix) ?? (COLLECTIONS.has(family) ? family : undefined);
}
