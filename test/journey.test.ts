import { afterEach, describe, expect, test } from 'vitest';
import type { LibraryItem } from '../src/storage/library.ts';
import type { SyncReport } from '../src/storage/sync.ts';
import { type Browser, type Installation, startInstallation } from './support/slipstream.ts';

interface List {
  items: LibraryItem[];
  meta: { total: number };
}

let here: Installation;
afterEach(() => here.close());

describe('the main job', () => {
  test('connecting copies the whole library, and the report says so', async () => {
    here = await startInstallation();
    const browser = await here.connect();

    expect((await browser.json<List>('/api/v1/trips')).meta.total).toBe(4);
    expect((await browser.json<List>('/api/v1/routes')).meta.total).toBe(2);
    const report = await browser.json<SyncReport>('/api/v1/sync');
    expect(report.accounts[0]).toMatchObject({
      user_id: '1',
      state: 'active',
      mode: 'polling',
      backfill: { done: 6, total: 6 },
    });
    expect(report.queue).toEqual({ pending: 0, active: 0, parked: 0, dead: 0 });
  });

  test('an edit, a deletion and a pin arrive by webhook', async () => {
    here = await startInstallation();
    const browser = await here.connect();
    const [first, second] = here.sandbox.world.items(1, 'trip');
    if (!first || !second) throw new Error('The sandbox has too few trips.');

    here.sandbox.world.edit('trip', first.id, { name: 'Over the pass' });
    here.sandbox.world.remove('trip', second.id);
    const route = here.sandbox.world.items(1, 'route')[0];
    here.sandbox.world.pin(1, 'route', route?.id ?? 0);
    await here.settled();

    expect(await entry(browser, `trips/${first.id}`)).toMatchObject({ name: 'Over the pass', state: 'active' });
    expect(await entry(browser, `trips/${second.id}`)).toMatchObject({ state: 'deleted' });
    expect(await entry(browser, `routes/${route?.id}`)).toMatchObject({ pinned: true });
    expect((await browser.json<SyncReport>('/api/v1/sync')).accounts[0]).toMatchObject({
      mode: 'webhook',
      drift: { day: 0 },
    });
  });

  test('a change that no webhook announced is found by the next reconciliation', async () => {
    here = await startInstallation();
    const browser = await here.connect();
    const [trip] = here.sandbox.world.items(1, 'trip');
    here.sandbox.webhooks.lose(1);
    here.sandbox.world.edit('trip', trip?.id ?? 0, { name: 'Nobody told us' });
    await here.settled();
    expect(await entry(browser, `trips/${trip?.id}`)).not.toMatchObject({ name: 'Nobody told us' });

    await browser.post('/sync/reconcile');
    await here.settled();
    expect(await entry(browser, `trips/${trip?.id}`)).toMatchObject({ name: 'Nobody told us' });
  });
});

async function entry(browser: Browser, path: string): Promise<LibraryItem> {
  return (await browser.json<{ item: LibraryItem }>(`/api/v1/${path}`)).item;
}
