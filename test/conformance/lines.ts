import { expect, test } from 'vitest';
import type { MirrorUnderTest } from './mirror.ts';

/** What of an item the map has, and until when. `apply` stores a trip of the account 1 with this id and these fields. */
export interface LinesScene {
  mirror(): MirrorUnderTest;
  /** The rows of the accounts 1 and 2. */
  accounts(): { rider: number; other: number };
  apply(id: string, ride: Record<string, unknown>): Promise<unknown>;
  remove(id: string): Promise<unknown>;
}

const track = (lng: number, lat: number) =>
  Array.from({ length: 30 }, (_, at) => ({ x: lng + at / 1_000, y: lat + (at % 7) / 1_000 }));
const TRIPS = { types: ['trip' as const] };
/** Everything, at the step that has one cell. */
const WORLD = [0, 0] as const;

export function linesSuite({ mirror, accounts, apply, remove }: LinesScene): void {
  const shown = async (filter: object = {}, account = accounts().rider): Promise<string[]> =>
    [...(await mirror().lines.shown(account, { ...TRIPS, ...filter })).values()].map(({ id }) => id).toSorted();
  const drawn = async (account = accounts().rider): Promise<number> =>
    (await mirror().lines.inCell(account, ...WORLD)).length;

  test('a track is drawn where its rider looks, and for nobody else', async () => {
    await apply('1', { name: 'Here', track_points: track(14.5, 46) });
    await apply('2', { name: 'Indoors', track_points: [{ t: 1 }, { x: null, y: 2 }, { x: 1e9, y: 0 }] });
    const { rider, other } = accounts();
    expect([await drawn(), await drawn(other)]).toEqual([1, 0]);
    expect([await shown(), await shown({ q: 'here' }), await shown({}, other)]).toEqual([['1', '2'], ['1'], []]);
    const { lines } = mirror();
    const everything = await lines.boxes(rider, TRIPS);
    expect([everything.tracks, everything.boxes.length]).toEqual([1, 1]);
    expect(await lines.boxes(other, TRIPS)).toEqual({ tracks: 0, boxes: [] });
    const names = ['1', '2', '3'].map((id) => ({ type: 'trip' as const, id }));
    const [place, ...more] = await lines.places(rider, names);
    expect([place, more]).toEqual([{ type: 'trip', id: '1', ...everything.boxes[0] }, []]);
    expect(await lines.places(other, names)).toEqual([]);
    const [[item, line] = [0, new Uint8Array()]] = await lines.inCell(rider, ...WORLD);
    expect((await lines.shown(rider, TRIPS)).get(item)?.id).toBe('1');
    expect(line.length).toBeGreaterThan(2);
  });

  test('a line follows its track, and what is deleted keeps the last one, among what is deleted', async () => {
    const versions = new Set<number>();
    const { rider } = accounts();
    const noted = async () => versions.add(await mirror().lines.version(rider));
    const strange = await mirror().lines.version(accounts().other);
    await noted();
    await apply('1', { track_points: track(14.5, 46) });
    await noted();
    const before = await mirror().lines.boxes(rider, TRIPS);
    await apply('1', { track_points: track(2.8, 42), updated_at: '2026-06-02T00:00:00Z' });
    await noted();
    const after = await mirror().lines.boxes(rider, TRIPS);
    expect(after.boxes[0]?.east).toBeLessThan(before.boxes[0]?.west ?? 0);
    expect(await drawn()).toBe(1);
    await remove('1');
    await noted();
    expect([await drawn(), await shown(), await shown({ state: 'deleted' })]).toEqual([1, [], ['1']]);
    await apply('1', { track_points: [], updated_at: '2026-06-03T00:00:00Z' });
    await noted();
    expect([await drawn(), (await mirror().lines.boxes(rider, TRIPS)).tracks]).toEqual([0, 0]);
    expect(versions.size).toBe(5);
    expect(await mirror().lines.version(accounts().other)).toBe(strange);
  });

  test('a line is gone with its account', async () => {
    await apply('1', { track_points: track(14.5, 46) });
    await mirror().accountWriter.erase({ source: 'ridewithgps', account: '1' });
    const { rider } = accounts();
    expect([await drawn(), await shown(), (await mirror().lines.boxes(rider, TRIPS)).tracks]).toEqual([0, [], 0]);
  });
}
