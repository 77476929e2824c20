import { createHmac } from 'node:crypto';
import { type RyeEvent, type RyeSandbox, startRye } from '../../../src/sandbox/rye/index.ts';
import type { Dialect, RunningDialect, Thing, WebhookRequest } from '../../conformance/dialect.ts';

export const RYE_KEYS = {
  apiKey: 'RYE/staging-key-of-the-tests',
  hmacSecret: 'hmac-secret-of-the-tests-v1',
  webhookSecret: 'webhook-secret-of-the-tests-v2',
} as const;

const PATH = '/webhooks/rye';

/** Of v1 nothing can be asked about what was missed. */
export const ryeV1: Dialect = { source: 'rye', name: 'v1', start: () => start(V1) };
/** Both dialects are configured, as while one moves to v2. */
export const ryeV2: Dialect = { source: 'rye', name: 'v2', start: () => start(V2) };

interface Version {
  name: 'v1' | 'v2';
  updated: string;
  deleted: string;
  header: string;
  cannotReconcile: boolean;
  env: (sandbox: RyeSandbox) => Record<string, string>;
  forge: (true_: WebhookRequest) => Record<string, Record<string, string | undefined>>;
}

const sign = (secret: string, body: string, encoding: 'hex' | 'base64') =>
  createHmac('sha256', secret).update(body).digest(encoding);

const V1: Version = {
  name: 'v1',
  updated: 'PRODUCT_UPDATED',
  deleted: 'PRODUCT_DELETED',
  header: 'rye-hmac-signature-v1',
  cannotReconcile: true,
  env: (sandbox) => ({
    RYE_API_KEY: RYE_KEYS.apiKey,
    RYE_HMAC_SECRET: RYE_KEYS.hmacSecret,
    RYE_GRAPHQL_URL: sandbox.graphqlUrl,
    RYE_BASE_URL: sandbox.url,
  }),
  forge: ({ headers, body }) => {
    const header = 'rye-hmac-signature-v1';
    const right = headers[header] ?? '';
    return {
      'as hex': { [header]: sign(RYE_KEYS.hmacSecret, body, 'hex') },
      'with other bits behind the digest': { [header]: withOtherBits(right) },
      'without its padding': { [header]: right.replace('=', '') },
      'in the letters of URLs': { [header]: `${right.slice(0, 42).replace(/./, '-')}_=` },
      'under the header of v2': {
        [header]: undefined,
        'x-rye-signature': `v0=${sign(RYE_KEYS.hmacSecret, body, 'hex')}`,
      },
      'with the secret of v2': { [header]: sign(RYE_KEYS.webhookSecret, body, 'base64') },
    };
  },
};

const V2: Version = {
  name: 'v2',
  updated: 'product.updated',
  deleted: 'product.removed',
  header: 'x-rye-signature',
  cannotReconcile: false,
  env: (sandbox) => ({ ...V1.env(sandbox), RYE_WEBHOOK_SECRET: RYE_KEYS.webhookSecret }),
  forge: ({ headers, body }) => {
    const header = 'x-rye-signature';
    const right = headers[header] ?? '';
    return {
      'without its version': { [header]: right.replace('v0=', '') },
      'of another version': { [header]: right.replace('v0=', 'v1=') },
      'in capitals': { [header]: `v0=${right.slice(3).toUpperCase()}` },
      'as base64': { [header]: `v0=${sign(RYE_KEYS.webhookSecret, body, 'base64')}` },
      'with junk behind it': { [header]: `${right}zz` },
      'with the secret of v1': { [header]: `v0=${sign(RYE_KEYS.hmacSecret, body, 'hex')}` },
      'beside a wrong one of v1': { 'rye-hmac-signature-v1': sign('another secret', body, 'base64') },
    };
  },
};

async function start(version: Version): Promise<RunningDialect> {
  const sandbox = await startRye({ ...RYE_KEYS, retryMs: 20 });
  sandbox.faults.losesWebhooks = true;
  const things = new Map<string, { title: string; added: RyeEvent; latest: RyeEvent; removed?: RyeEvent }>();
  const { product } = sandbox.world[version.name];
  let count = 0;

  const known = ({ id }: Thing) => {
    const thing = things.get(id);
    if (!thing) throw new Error(`There is no product ${id}.`);
    return thing;
  };

  function tell(id: string): { title: string; event: RyeEvent } {
    const title = `Egg separator of edition ${++count}`;
    return { title, event: product(version.updated, id, { title, vendor: 'OXO' }) };
  }

  function eventFor(thing: Thing, action: 'added' | 'changed' | 'removed'): RyeEvent {
    const about = known(thing);
    if (action !== 'removed') return action === 'added' ? about.added : about.latest;
    about.removed ??= product(version.deleted, thing.id);
    return about.removed;
  }

  const requestOf = (event: RyeEvent): WebhookRequest => ({ path: PATH, ...sandbox.requestOf(event) });

  return {
    env: version.env(sandbox),
    async connect({ app }) {
      sandbox.setUrl(`${app.url}${PATH}`);
    },

    async add() {
      const id = `B00A2K${String(things.size).padStart(4, '0')}`;
      const { title, event } = tell(id);
      things.set(id, { title, added: event, latest: event });
      return { type: 'product', id };
    },
    async change(thing) {
      const { title, event } = tell(thing.id);
      Object.assign(known(thing), { title, latest: event });
    },
    async remove(thing) {
      eventFor(thing, 'removed');
    },
    textOf: (thing) => known(thing).title,
    webhookFor: (thing, action) => requestOf(eventFor(thing, action)),
    announce: (thing, action) => sandbox.deliver(eventFor(thing, action)),

    forgeries(true_) {
      const { header } = version;
      const right = true_.headers[header] ?? '';
      const changes: Record<string, Record<string, string | undefined>> = {
        'without a signature': { [header]: undefined },
        'with an empty signature': { [header]: '' },
        'with its signature twice': { [header]: `${right}, ${right}` },
        'with the signature of another body': sandbox.requestOf({ id: '1', type: 'x', createdAt: 'y' }).headers,
        ...version.forge(true_),
      };
      const forged = Object.entries(changes).map(([name, headers]) => ({
        name,
        request: { ...true_, headers: given({ ...true_.headers, ...headers }) },
      }));
      return [...forged, { name: 'with another body', request: { ...true_, body: true_.body.replace('OXO', 'OXP') } }];
    },
    handshake() {
      const event = sandbox.challenge(version.name);
      const signed = requestOf(event);
      const { data, source } = event as { data?: { challenge: string }; source?: { id: string } };
      const unsigned = { ...signed, headers: given({ ...signed.headers, [version.header]: undefined }) };
      return { signed, unsigned, answer: { challenge: data?.challenge ?? source?.id } };
    },
    unreadable() {
      const body = '{"id": "1", "type": "PRODUCT_UPDATED", ';
      const headers =
        version.name === 'v1'
          ? { [version.header]: sign(RYE_KEYS.hmacSecret, body, 'base64') }
          : { [version.header]: `v0=${sign(RYE_KEYS.webhookSecret, body, 'hex')}` };
      return { path: PATH, headers: { 'content-type': 'application/json', ...headers }, body };
    },

    secrets: () => Object.values(RYE_KEYS),
    refuse() {
      sandbox.faults.refusesKeys = true;
    },
    accept() {
      sandbox.faults.refusesKeys = false;
    },
    cannotReconcile: version.cannotReconcile,
    // A product is as its event says, so nothing has to be asked.
    statesDeletions: true,
    asksNothing: true,
    close: () => sandbox.close(),
  };
}

/** The last letter of 32 bytes has two bits that say nothing: a lenient decoder takes the letter with any of them. */
function withOtherBits(signature: string): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const last = letters[letters.indexOf(signature.charAt(42)) + 1] ?? '';
  return `${signature.slice(0, 42)}${last}=`;
}

/** `undefined` leaves a header out. */
const given = (headers: Record<string, string | undefined>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined));
