import type { Inventory, InventoryEntry } from './sources/source.ts';
import type { AuditedItem } from './storage/items.ts';
import { ITEMS_NOTED, type RunDifferences, type RunItem } from './storage/runs.ts';

/** What changed this shortly before the listing is on its way here already: fetched again, but not counted as a difference. */
const FRESH_MS = 120_000;

/** An inventory beside the mirror. */
export interface Compared {
  kind: 'compared';
  compared: number;
  different: number;
  differences: RunDifferences;
  /** The first of them. */
  items: RunItem[];
  toFetch: { type: string; id: string }[];
}

/** @param began Epoch milliseconds: when the listing was asked for. */
export function compare({ owned, pinned, notListed = [] }: Inventory, here: AuditedItem[], began: number): Compared {
  const mirror = new Map(here.map((item) => [nameOf(item), item]));
  const pins = new Set(pinned.map(nameOf));
  const listed = new Map([...owned, ...pinned].map((item) => [nameOf(item), item]));

  const changed = [...listed.values()].filter((item) => {
    const copy = mirror.get(nameOf(item));
    return !copy || copy.absent || copy.version !== item.version;
  });
  // What its owner keeps is missing with a reason.
  const unlisted = here.filter((item) => item.owned && !item.absent && !item.kept && !listed.has(nameOf(item)));
  const missing = unlisted.filter(({ type }) => !notListed.includes(type));
  // Listed again: a fetch makes it what it was.
  const back = here.filter((item) => (item.held || item.kept) && listed.has(nameOf(item)));
  const pinsDiffer =
    here.some((item) => item.pinned !== pins.has(nameOf(item))) ||
    pinned.some((pin) => !mirror.get(nameOf(pin))?.pinned);

  const isHere = (item: InventoryEntry) => mirror.get(nameOf(item))?.absent === false;
  // Where the listing does not tell the version, that of what is here cannot be judged.
  const settled = changed.filter((item) =>
    item.version === null ? !isHere(item) : !(Date.parse(item.version) > began - FRESH_MS),
  );
  const older = settled.filter(isHere);
  const absent = settled.filter((item) => !isHere(item));
  const differences = {
    missing_here: absent.length,
    missing_there: missing.length,
    older_here: older.length,
    pins_differ: pinsDiffer,
  };
  return {
    kind: 'compared',
    compared: listed.size,
    differences,
    items: [
      ...absent.map(({ type, id }) => ({ type, id, why: 'missing-here' }) as const),
      ...missing.map(({ type, id }) => ({ type, id, why: 'missing-there' }) as const),
      ...older.map(({ type, id }) => ({ type, id, why: 'older-here' }) as const),
    ].slice(0, ITEMS_NOTED),
    different: settled.length + missing.length + (pinsDiffer ? 1 : 0),
    toFetch: [...changed, ...unlisted, ...back, ...(pinsDiffer ? [{ type: 'pinned', id: 'pinned' }] : [])].map(
      ({ type, id }) => ({ type, id }),
    ),
  };
}

const nameOf = ({ type, id }: { type: string; id: string }): string => `${type}/${id}`;
