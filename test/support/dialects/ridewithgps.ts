import { startSandbox } from '../../../src/sandbox/index.ts';
import type { Dialect, RunningDialect, Thing, WebhookRequest } from '../../conformance/dialect.ts';
import { webhookUrl } from '../slipstream.ts';
import { sign } from '../webhook.ts';

const RIDER = 1;
const CLIENT = {
  apiKey: 'key-of-the-suite',
  clientId: 'id-of-the-suite',
  clientSecret: 'client-secret-of-the-suite',
} as const;
/** The provider's own words. */
const ACTIONS = { added: 'created', changed: 'updated', removed: 'deleted' } as const;

/** Ride With GPS, v1. */
export const ridewithgps: Dialect = { source: 'ridewithgps', start };

async function start(): Promise<RunningDialect> {
  const sandbox = await startSandbox({
    clients: [CLIENT],
    riders: [
      { id: RIDER, name: 'Robin Field', routes: 0, trips: 2, points: 20 },
      { id: 2, name: 'Somebody Else', routes: 0, trips: 1, points: 20 },
    ],
  });
  const names = new Map<string, string>();
  let named = 0;

  const name = (id: string): string => {
    const text = `Ride that is called ${++named}`;
    names.set(id, text);
    return text;
  };

  function bodyFor({ id }: Thing, action: keyof typeof ACTIONS): string {
    const notification = {
      user_id: RIDER,
      item_type: 'trip',
      item_id: Number(id),
      item_user_id: RIDER,
      item_url: `${sandbox.url}/api/v1/trips/${id}.json`,
      action: ACTIONS[action],
      collection: null,
    };
    return JSON.stringify({ notifications: [notification] });
  }

  return {
    env: {
      RWGPS_BASE_URL: sandbox.url,
      RWGPS_API_KEY: CLIENT.apiKey,
      RWGPS_CLIENT_ID: CLIENT.clientId,
      RWGPS_CLIENT_SECRET: CLIENT.clientSecret,
    },
    async connect({ app }) {
      sandbox.webhooks.setUrl(CLIENT.apiKey, webhookUrl(app));
    },

    async add() {
      const { id } = sandbox.world.create(RIDER, 'trip', {}, { silent: true });
      sandbox.world.edit('trip', id, { name: name(String(id)) }, { silent: true });
      return { type: 'trip', id: String(id) };
    },
    async change({ id }) {
      sandbox.world.edit('trip', Number(id), { name: name(id) }, { silent: true });
    },
    async remove({ id }) {
      sandbox.world.remove('trip', Number(id), { silent: true });
    },
    textOf: ({ id }) => names.get(id) ?? '',
    webhookFor: (thing, action) => signed(bodyFor(thing, action)),
    async announce(thing, action) {
      sandbox.webhooks.sendRaw(CLIENT.apiKey, bodyFor(thing, action));
      await sandbox.webhooks.drain();
    },

    forgeries(true_) {
      const signature = true_.headers['x-rwgps-signature'] ?? '';
      const as = (headers: Record<string, string>, body = true_.body): WebhookRequest => ({
        ...true_,
        headers: { ...true_.headers, ...headers },
        body,
      });
      const without = (name: string): WebhookRequest => ({
        ...true_,
        headers: Object.fromEntries(Object.entries(true_.headers).filter(([each]) => each !== name)),
      });
      return [
        { name: 'without a signature', request: without('x-rwgps-signature') },
        { name: 'without an API key', request: without('x-rwgps-api-key') },
        { name: 'with an empty signature', request: as({ 'x-rwgps-signature': '' }) },
        { name: 'with the key of somebody else', request: as({ 'x-rwgps-api-key': 'another-key' }) },
        {
          name: 'signed with another secret',
          request: as({ 'x-rwgps-signature': sign(true_.body, 'another secret') }),
        },
        { name: 'signed with no secret', request: as({ 'x-rwgps-signature': sign(true_.body, '') }) },
        { name: 'with the signature of another body', request: as({}, true_.body.replace(/\d/, '9')) },
        { name: 'in capitals', request: as({ 'x-rwgps-signature': signature.toUpperCase() }) },
        { name: 'cut off', request: as({ 'x-rwgps-signature': signature.slice(0, 62) }) },
        { name: 'with junk behind it', request: as({ 'x-rwgps-signature': `${signature}zz` }) },
        { name: 'signed twice in one header', request: as({ 'x-rwgps-signature': `${signature}, ${signature}` }) },
        {
          name: 'in base64',
          request: as({ 'x-rwgps-signature': Buffer.from(signature, 'hex').toString('base64') }),
        },
      ];
    },
    unreadable: () => signed('{"notifications": nonsense}'),

    secrets: () => [CLIENT.clientSecret, ...sandbox.world.tokens().map(({ token }) => token)],
    refuse: () => sandbox.faults.set({ nextStatus: Array.from({ length: 1_000 }, () => 401) }),
    accept: () => sandbox.faults.set({ nextStatus: [] }),
    slow: (ms) => sandbox.faults.set({ latencyMs: ms }),
    // One second as the provider says, and it never sends again; on a machine that does other things too, three are a failure.
    deadlineMs: 3_000,
    close: () => sandbox.close(),
  };
}

function signed(body: string): WebhookRequest {
  return {
    path: '/webhooks/ridewithgps',
    headers: {
      'content-type': 'application/json',
      'user-agent': 'RideWithGPS',
      'x-rwgps-api-key': CLIENT.apiKey,
      'x-rwgps-signature': sign(body, CLIENT.clientSecret),
    },
    body,
  };
}
