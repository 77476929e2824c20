import type { Bodies } from '../storage/history.ts';

/** A line of a list has room for no more. */
const MOST = 30;
const LONGEST = 200;
/** Two bodies that are larger are not taken apart for a line. */
const MOST_BYTES = 4 * 1024 * 1024;

/** One value that differs between two versions of any JSON, by its path: `lines, 2, sku`. Null: it was not there. */
export interface ValueChange {
  path: string[];
  before: string | null;
  after: string | null;
}

export interface ValueStep {
  revision: number;
  /** Null: it is the first, or too large to be compared. */
  change: { values: ValueChange[]; more: number } | null;
}

export interface ValueStepsRequest {
  accountId: number;
  type: string;
  id: string;
  /** The numbers of the versions, from the newest to the oldest, without a gap. */
  revisions: readonly number[];
}

/** In a thread: what each version changed against the one before it, whatever kind of record it is. */
export async function valueSteps(
  { body }: Bodies,
  { accountId, type, id, revisions }: ValueStepsRequest,
): Promise<ValueStep[]> {
  const steps: ValueStep[] = [];
  let later = await read(revisions[0]);
  for (const revision of revisions) {
    const before = await read(revision - 1);
    const change = later && before ? valueChanges(before, later) : null;
    steps.push({ revision, change });
    later = before;
  }
  return steps;

  async function read(revision: number | undefined): Promise<Map<string, string> | undefined> {
    if (revision === undefined || revision < 1) return undefined;
    const bytes = await body(accountId, type, id, revision);
    return bytes && bytes.length <= MOST_BYTES ? leavesOf(JSON.parse(Buffer.from(bytes).toString())) : undefined;
  }
}

function valueChanges(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): ValueStep['change'] {
  const keys = [...new Set([...after.keys(), ...before.keys()])].filter((key) => before.get(key) !== after.get(key));
  const values = keys.slice(0, MOST).map((key) => ({
    path: JSON.parse(key) as string[],
    before: cut(before.get(key)),
    after: cut(after.get(key)),
  }));
  return { values, more: keys.length - values.length };
}

/** Every value at the end of a path, as text. */
function leavesOf(value: unknown): Map<string, string> {
  const leaves = new Map<string, string>();
  const waiting: { path: string[]; value: unknown }[] = [{ path: [], value }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { path, value: at } = next;
    const inside = typeof at === 'object' && at !== null ? Object.entries(at) : [];
    if (inside.length === 0) leaves.set(JSON.stringify(path), typeof at === 'string' ? at : JSON.stringify(at));
    for (const [name, part] of inside.reverse()) waiting.push({ path: [...path, name], value: part });
  }
  return leaves;
}

const cut = (text: string | undefined): string | null =>
  text === undefined ? null : text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
