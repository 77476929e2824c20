import { startEcovelo } from '../../../src/sandbox/ecovelo/index.ts';
import type { Dialect, Thing } from '../../conformance/dialect.ts';

const API_KEY = 'the-ecovelo-key-of-the-tests';
const SECRET = 'the-secret-in-the-address-of-ecovelo';
const PATH = '/webhooks/ecovelo';
const TOPICS = { added: 'trip.created', changed: 'trip.updated', removed: 'trip.deleted' };

export const ecovelo: Dialect = {
  source: 'ecovelo',
  async start() {
    const provider = await startEcovelo({ apiKey: API_KEY, pageSize: 3, retryScale: 0.0001 });
    const { world } = provider;
    for (const bike of ['V-1', 'V-2', 'V-3', 'V-4']) world.add('trip', { bike, note: `ridden on ${bike}` });
    /** What is gone is told of as it was. */
    const last = new Map<string, object>();
    const objectOf = ({ type, id }: Thing): object => {
      const object = world.find(type, id) ?? last.get(id) ?? { id };
      last.set(id, object);
      return object;
    };
    let notes = 0;
    const nextNote = () => {
      notes += 1;
      return `remarkable number ${notes}`;
    };
    return {
      env: { ECOVELO_BASE_URL: provider.url, ECOVELO_API_KEY: API_KEY, ECOVELO_WEBHOOK_SECRET: SECRET },
      async connect(here) {
        provider.setWebhook(`${here.app.url}${PATH}?secret=${SECRET}`);
        await here.settled();
      },
      add: async () => ({ type: 'trip', id: world.add('trip', { note: nextNote() }).id }),
      change: async ({ id }) => void world.change(id, { note: nextNote() }),
      async remove(thing) {
        objectOf(thing);
        world.remove(thing.id);
      },
      textOf: ({ id }) => String(world.object(id).note),
      webhookFor: (thing, action) => ({
        path: `${PATH}?secret=${SECRET}`,
        headers: { 'content-type': 'application/json', 'user-agent': 'Ecovelo' },
        body: provider.event(TOPICS[action], objectOf(thing)),
      }),
      announce: async (thing, action) => void (await provider.announce(TOPICS[action], objectOf(thing))),
      forgeries: (request) =>
        Object.entries({
          'no secret': PATH,
          'an empty secret': `${PATH}?secret=`,
          'another secret': `${PATH}?secret=${'x'.repeat(SECRET.length)}`,
          'the beginning of the secret': `${PATH}?secret=${SECRET.slice(0, -1)}`,
          'the secret and more': `${PATH}?secret=${SECRET}x`,
          'the secret twice': `${PATH}?secret=${SECRET}&secret=${SECRET}`,
          'the secret under another name': `${PATH}?Secret=${SECRET}`,
        }).map(([name, path]) => ({ name, request: { ...request, path } })),
      unreadable: () => ({
        path: `${PATH}?secret=${SECRET}`,
        headers: { 'content-type': 'application/json' },
        body: '{"topic":"trip.created","data":{"id":',
      }),
      secrets: () => [API_KEY, SECRET],
      refuse() {
        provider.settings.refuses = true;
      },
      accept() {
        provider.settings.refuses = false;
      },
      slow(ms) {
        provider.settings.latencyMs = ms;
      },
      deadlineMs: 30_000,
      close: provider.close,
    };
  },
};
