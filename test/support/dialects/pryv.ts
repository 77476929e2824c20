import { startPryv } from '../../../src/sandbox/pryv/index.ts';
import { createSeal, secretKeysIn } from '../../../src/seal.ts';
import { createPryv } from '../../../src/sources/pryv/index.ts';
import type { AccountRef } from '../../../src/vocabulary.ts';
import type { Dialect, RunningDialect, WebhookRequest } from '../../conformance/dialect.ts';
import type { Installation } from '../slipstream.ts';

export const pryv: Dialect = { source: 'pryv', start };

async function start(): Promise<RunningDialect> {
  const sandbox = await startPryv({ minIntervalMs: 20 });
  const [access] = sandbox.accesses.entries();
  let address = '';
  let secret = '';

  return {
    env: {},
    async connect(here) {
      const connected = await connectPryv(here, sandbox.endpoint);
      ({ address, secret } = connected);
      for (const { id } of sandbox.sender.webhooks.values()) sandbox.sender.forget(id);
      sandbox.sender.register(`${here.app.url}${address}`, 'cslipstream');
    },

    async add() {
      const { id } = sandbox.world.addEvent({ content: textFor('added'), silent: true });
      return { type: 'event', id };
    },
    async change({ id }) {
      sandbox.world.editEvent(id, { content: textFor('changed'), silent: true });
    },
    async remove({ id }) {
      // Into the trash, and out of it.
      sandbox.world.removeEvent(id, { silent: true });
      sandbox.world.removeEvent(id, { silent: true });
    },
    textOf: ({ id }) => String(sandbox.world.events.get(id)?.content),
    webhookFor: () => webhook(address),
    async announce() {
      sandbox.sender.announce('eventsChanged');
      await sandbox.sender.drain();
    },

    forgeries: (genuine) => forgeriesOf(genuine, secret),
    unreadable: () => ({ ...webhook(address), body: '{"messages": ["eventsChanged"' }),

    secrets: () => [sandbox.token, secret],
    refuse: () => sandbox.accesses.clear(),
    accept: () => {
      if (access) sandbox.accesses.set(...access);
    },
    slow(ms) {
      sandbox.delayMs = ms;
    },
    close: sandbox.close,
  };
}

let texts = 0;
const textFor = (what: string): string => `A note that was ${what} as number ${++texts}`;

/** As the public server sends it: no version, no serial, and the sender that Node's own `fetch` is. */
export const webhook = (path: string, messages: unknown[] = ['eventsChanged']): WebhookRequest => ({
  path,
  headers: { 'content-type': 'application/json', 'user-agent': 'node' },
  body: JSON.stringify({ messages, meta: { serverTime: Date.now() / 1_000 } }),
});

function forgeriesOf(genuine: WebhookRequest, secret: string): { name: string; request: WebhookRequest }[] {
  const at = (path: string): WebhookRequest => ({ ...genuine, path });
  const [path = ''] = genuine.path.split('?');
  const other = `${secret.slice(0, -2)}${secret.endsWith('AA') ? 'BB' : 'AA'}`;
  return [
    { name: 'no secret', request: at(path) },
    { name: 'an empty secret', request: at(`${path}?secret=`) },
    { name: 'another secret', request: at(`${path}?secret=${other}`) },
    { name: 'a part of the secret', request: at(`${path}?secret=${secret.slice(0, -1)}`) },
    { name: 'the secret twice', request: at(`${path}?secret=${secret}&secret=${secret}`) },
    { name: 'the secret of another account', request: at(`${path.replace('alice', 'mallory')}?secret=${secret}`) },
  ];
}

/** What `slipstream accounts add pryv --endpoint …` does. */
export async function connectPryv({ app, dataDir }: Installation, endpoint: string) {
  const source = createPryv(createSeal(secretKeysIn(dataDir)));
  const enrolled = await source.enrol?.({ endpoint }).finally(() => source.close());
  if (!enrolled) throw new Error('Pryv takes no accounts from the command line.');
  await app.connectSource.store('pryv', enrolled);
  await app.settled();
  const ref: AccountRef = { source: 'pryv', account: enrolled.id };
  const query = source.webhookQuery?.(enrolled.id) ?? '';
  return { ref, address: `/webhooks/pryv/${enrolled.id}${query}`, secret: query.replace('?secret=', '') };
}
