import { expect, test } from 'vitest';
import { startSandbox } from '../../src/sandbox/index.ts';

const CLIENT = { apiKey: 'key', clientId: 'id', clientSecret: 'secret' };

test('nothing in a generated library happens later than now, whatever the hour', async () => {
  for (let hour = 0; hour < 24; hour += 1) {
    const now = Date.UTC(2026, 10, 22, hour, 2);
    const sandbox = await startSandbox({
      clients: [CLIENT],
      now: () => now,
      seed: hour,
      riders: [{ id: 1, name: 'Robin Field', routes: 10, trips: 60, points: 2 }],
    });
    const items = [...sandbox.world.items(1, 'trip'), ...sandbox.world.items(1, 'route')];
    expect(items).toHaveLength(70);
    expect(items.filter(({ createdAt, updatedAt }) => createdAt > now || updatedAt > now)).toEqual([]);
    await sandbox.close();
  }
});
