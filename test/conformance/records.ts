import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { applySnapshot, CONFIRM_AFTER_MS } from '../../src/mirror.ts';
import type { Account, AccountWriter } from '../../src/storage/accounts.ts';
import type { Items, ItemWriter } from '../../src/storage/items.ts';
import type { RecordQuery, Records } from '../../src/storage/records.ts';
import type { SourceName } from '../../src/vocabulary.ts';

export interface RecordsUnderTest {
  accountWriter: AccountWriter;
  itemWriter: ItemWriter;
  items: Items;
  records: Records;
  close(): Promise<void>;
}

const NOON = Date.parse('2026-06-01T12:00:00Z');

/** Records of all sources over one storage: what is listed, found and counted, and whose it is. */
export function recordsSuite(name: string, open: () => Promise<RecordsUnderTest>, forget: () => Promise<void>): void {
  describe(`records in ${name}`, () => {
    let mirror: RecordsUnderTest;
    let shop: Account;
    let otherShop: Account;
    let now: number;
    let seq: number;
    beforeEach(async () => {
      now = NOON;
      seq = 0;
      mirror = await open();
      shop = await connect('tradegecko', 'shop');
      otherShop = await connect('tradegecko', 'other-shop');
    });
    afterEach(async () => {
      await mirror.close();
      await forget();
    });

    const connect = (source: SourceName, account: string): Promise<Account> =>
      mirror.accountWriter.connect({
        ...{ source, account, name: account, client: '', tokenKind: 'bearer', connectedAt: NOON },
        sealedToken: Buffer.from('sealed'),
      });

    interface Written {
      type?: string;
      version?: string;
      title?: string;
      summary?: string;
      words?: string;
      body?: object | null;
      /** What the provider answers instead. */
      answer?: { kind: 'gone' };
      by?: Account;
    }

    /** As a worker does it; `body: null` is a deletion that the source has stated. */
    const gone = { kind: 'gone' } as const;

    async function write(id: string, { type = 'order', version = at(0), by = shop, ...said }: Written = {}) {
      const { title = `Order ${id}`, summary = 'finalized', words = '', body = { id, title, version }, answer } = said;
      seq += 1;
      const key = { source: by.source, account: by.user_id, type, id };
      const learnt = { firstLearntAt: now, lastLearntAt: now, notifications: 1, webhook: { first: now, last: now } };
      const claim = { task: 1, key, seq, attempts: 1, origin: 'webhook', action: 'update', claimedAt: now, ...learnt };
      const describe = () => ({
        ...{ version, owned: true, title, happenedAt: version, ride: null, record: { summary, words } },
        ...{ photos: [], outline: null },
      });
      return applySnapshot(
        mirror.itemWriter,
        by,
        { ...claim, origin: 'webhook', announcesDeletion: body === null },
        answer
          ? answer
          : body === null
            ? { kind: 'gone', version }
            : { kind: 'present', raw: Buffer.from(JSON.stringify(body)), beganAt: now, stated: true, describe },
        () => now,
      );
    }

    const at = (minutes: number): string => new Date(NOON + minutes * 60_000).toISOString();
    const list = (query: Partial<RecordQuery> = {}, ...accounts: Account[]) =>
      mirror.records.list(
        (accounts.length > 0 ? accounts : [shop]).map(({ id }) => id),
        { page: 1, pageSize: 50, ...query },
      );
    const ids = async (query: Partial<RecordQuery> = {}, ...accounts: Account[]) =>
      (await list(query, ...accounts)).items.map(({ id }) => id).join(' ');

    test('are listed with all that lists say of them, the latest first', async () => {
      await write('1', { version: at(1), title: 'Order SO-1', summary: 'draft' });
      now += 5_000;
      await write('2', { version: at(2) });
      expect(await list()).toEqual({
        items: [
          expect.objectContaining({ id: '2', title: 'Order 2' }),
          {
            ...{ accountId: shop.id, source: 'tradegecko', account: 'shop', type: 'order', id: '1', state: 'active' },
            ...{ version: at(1), updated_at: at(1), fetched_at: new Date(NOON).toISOString(), deleted_at: null },
            ...{ title: 'Order SO-1', summary: 'draft' },
          },
        ],
        meta: { total: 2, page: 1, page_size: 50 },
        counts: [{ type: 'order', state: 'active', count: 2 }],
      });
    });

    test('come in pages, in one order over several accounts', async () => {
      for (const minute of [1, 3, 5]) await write(`a${minute}`, { version: at(minute) });
      for (const minute of [2, 4]) await write(`b${minute}`, { version: at(minute), by: otherShop });
      const page = (number: number) => list({ page: number, pageSize: 2 }, shop, otherShop);
      expect((await page(1)).items.map(({ id }) => id)).toEqual(['a5', 'b4']);
      expect((await page(2)).items.map(({ id }) => id)).toEqual(['a3', 'b2']);
      expect(await page(3)).toMatchObject({ items: [{ id: 'a1' }], meta: { total: 5, page: 3, page_size: 2 } });
      expect((await page(4)).items).toEqual([]);
    });

    test('are chosen by type and state, and counted in each', async () => {
      await write('1', { version: at(1) });
      await write('2', { version: at(2) });
      await write('2', { version: at(3), body: null });
      await write('7', { type: 'product', version: at(4) });
      expect(await ids()).toBe('7 1');
      expect(await ids({ type: 'order' })).toBe('1');
      expect(await ids({ state: 'deleted' })).toBe('2');
      expect(await ids({ type: 'product', state: 'deleted' })).toBe('');
      const { meta, counts } = await list({ type: 'order', state: 'deleted' });
      expect(meta.total).toBe(1);
      expect(counts).toEqual([
        { type: 'order', state: 'active', count: 1 },
        { type: 'order', state: 'deleted', count: 1 },
        { type: 'product', state: 'active', count: 1 },
      ]);
      expect(await mirror.records.count([shop.id])).toEqual(counts);
    });

    test('are found by begun words of title, id, summary and what else they are found by', async () => {
      await write('ord_814', { title: 'Crème brûlée for Ana', summary: 'Paid', words: 'ana@example.org' });
      await write('ord_815', { title: 'Bolts', summary: 'Draft', version: at(1) });
      for (const q of ['creme', 'ANA bru', 'ord_814', '814', 'paid', 'ana@example.org', 'example'])
        expect([q, await ids({ q })]).toEqual([q, 'ord_814']);
      expect(await ids({ q: 'ord' })).toBe('ord_815 ord_814');
      for (const q of ['brulee bolts', '"', '*', 'NOT draft paid', '%']) expect([q, await ids({ q })]).toEqual([q, '']);
      expect((await list({ q: 'bolts' })).meta.total).toBe(1);
      expect((await list({ q: 'bolts' })).counts).toEqual([{ type: 'order', state: 'active', count: 1 }]);
    });

    test('what a new version is called replaces what it was found by', async () => {
      await write('1', { title: 'Before', version: at(1) });
      await write('1', { title: 'After', version: at(2) });
      expect(await ids({ q: 'before' })).toBe('');
      expect(await ids({ q: 'after' })).toBe('1');
    });

    test('what was deleted is found among the deleted, with its last body', async () => {
      await write('1', { title: 'Gone tomorrow', version: at(1) });
      now += 60_000;
      await write('1', { body: null, version: at(2) });
      expect((await list({ q: 'gone', state: 'deleted' })).items).toMatchObject([
        { id: '1', state: 'deleted', version: at(2), deleted_at: new Date(now).toISOString() },
      ]);
      const body = await mirror.records.body(shop.id, 'order', '1');
      expect(JSON.parse(Buffer.from(body ?? []).toString())).toMatchObject({ title: 'Gone tomorrow' });
    });

    test('what was only ever heard to be deleted is no record', async () => {
      await write('1', { body: null });
      expect(await list({ state: 'deleted' })).toMatchObject({ items: [], counts: [] });
      expect(await mirror.records.find([shop.id], 'order', '1')).toBeUndefined();
    });

    test('are of the accounts that were asked about, and of no other', async () => {
      await write('1', { by: otherShop });
      expect(await ids()).toBe('');
      expect(await ids({ q: 'order' })).toBe('');
      expect((await list()).counts).toEqual([]);
      expect(await list({}, ...[])).toMatchObject({ items: [] });
      expect((await mirror.records.list([], { page: 1, pageSize: 50 })).items).toEqual([]);
      expect(await mirror.records.find([shop.id], 'order', '1')).toBeUndefined();
      expect(await mirror.records.find([], 'order', '1')).toBeUndefined();
      expect(await mirror.records.body(shop.id, 'order', '1')).toBeUndefined();
    });

    test('where two accounts have one, the newest is meant', async () => {
      await write('1', { version: at(2), title: 'Newer' });
      await write('1', { version: at(1), title: 'Older', by: otherShop });
      expect(await mirror.records.find([shop.id, otherShop.id], 'order', '1')).toMatchObject({ title: 'Newer' });
      expect(await mirror.records.find([otherShop.id], 'order', '1')).toMatchObject({ title: 'Older' });
    });

    test('keep each earlier body', async () => {
      await write('1', { version: at(1), title: 'One' });
      now += 1_000;
      await write('1', { version: at(2), title: 'Two' });
      expect(await mirror.records.revisions(shop.id, 'order', '1')).toMatchObject([
        { revision: 2, updated_at: at(2) },
        { revision: 1, updated_at: at(1) },
      ]);
      const first = await mirror.records.body(shop.id, 'order', '1', 1);
      expect(JSON.parse(Buffer.from(first ?? []).toString())).toMatchObject({ title: 'One' });
    });

    test('so many that go without a word are held, and listed with the answers to that', async () => {
      const all = Array.from({ length: 15 }, (_, at) => String(at + 1));
      for (const id of all) await write(id);
      for (const _ of ['missing', 'confirmed']) {
        now += CONFIRM_AFTER_MS + 1;
        for (const id of all) await write(id, { answer: gone });
      }
      const held = await mirror.items.held(shop.id);
      expect(held).toHaveLength(5);
      expect(held[0]).toMatchObject({ type: 'order', name: expect.stringMatching(/^Order \d+$/), distance: null });
      expect((await list({ state: 'deleted' })).meta.total).toBe(10);
      expect(await mirror.items.confirmHeld(shop.id, Math.max(...held.map((each) => each.at)), now)).toBe(5);
      expect((await list({ state: 'deleted' })).meta.total).toBe(15);
    });

    test('one without a version of its own says so', async () => {
      await write('1', { version: '' });
      expect((await list()).items).toMatchObject([{ version: null, updated_at: null }]);
    });
  });
}
