import { createHmac } from 'node:crypto';
import { startTradeGecko, type TradeGeckoSandboxOptions } from '../../../src/sandbox/tradegecko/index.ts';
import { createTradeGecko } from '../../../src/sources/tradegecko/index.ts';
import type { Dialect, RunningDialect, Thing, WebhookRequest } from '../../conformance/dialect.ts';

export const CLIENT_SECRET = 'the-application-secret-of-tradegecko';
const CLIENT_ID = 'tradegecko-application';
const ACCOUNT = { id: 7067, name: 'Gecko Inc.' };
const ACTIONS = { added: 'create', changed: 'update', removed: 'destroy' } as const;

export const tradegecko: Dialect = { source: 'tradegecko', start: () => startTradeGeckoDialect() };

/** The dialect with its sandbox in hand. */
export async function startTradeGeckoDialect(options: Partial<TradeGeckoSandboxOptions> = {}) {
  const sandbox = await startTradeGecko({
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    accounts: [ACCOUNT],
    retryScale: 0.001,
    // The true quota is one request a second: no test can wait for that.
    quota: { requests: 100_000 },
    ...options,
  });
  const path = `/webhooks/tradegecko/${ACCOUNT.id}`;
  const refOf = ({ id }: Thing) => ({ account: ACCOUNT.id, path: 'orders', id: Number(id) });
  let texts = 0;
  const nextText = () => {
    texts += 1;
    return `Remark ${texts} of the sandbox`;
  };
  const add = (): Thing => {
    const fields = { order_number: `SO${1_000 + texts}`, status: 'draft', notes: nextText() };
    return { type: 'order', id: String(sandbox.world.add(ACCOUNT.id, 'orders', fields).id) };
  };
  add();
  add();

  const dialect: RunningDialect = {
    env: {
      TRADEGECKO_BASE_URL: sandbox.url,
      TRADEGECKO_CLIENT_ID: CLIENT_ID,
      TRADEGECKO_CLIENT_SECRET: CLIENT_SECRET,
    },
    async connect({ app }) {
      const granted = sandbox.tokens.grant(ACCOUNT.id);
      const source = createTradeGecko({ baseUrl: sandbox.url, clientId: CLIENT_ID, clientSecret: CLIENT_SECRET });
      const given = { 'access-token': granted.access_token, 'refresh-token': granted.refresh_token };
      const connected = await source.enrol?.(given).finally(() => source.close());
      if (!connected) throw new Error('TradeGecko takes no accounts from the command line.');
      await app.connectSource.store('tradegecko', connected);
      for (const { id } of sandbox.sender.hooks()) sandbox.sender.remove(id);
      sandbox.sender.register(ACCOUNT.id, null, `${app.url}${path}`);
    },
    add: async () => add(),
    change: async (thing) => void sandbox.world.change(refOf(thing), { notes: nextText() }),
    remove: async (thing) => void sandbox.world.remove(refOf(thing)),
    textOf: (thing) => String(sandbox.world.find(refOf(thing))?.notes ?? ''),
    webhookFor: (thing, action) => ({ path, ...sandbox.sender.parcel(refOf(thing), ACTIONS[action]) }),
    announce: (thing, action) => sandbox.sender.announce(refOf(thing), ACTIONS[action]),
    forgeries(true_) {
      const { 'x-gecko-signature': signature = '', ...unsigned } = true_.headers;
      const signedAs = (value: string) => ({ ...true_, headers: { ...unsigned, 'x-gecko-signature': value } });
      return [
        { name: 'without a signature', request: { ...true_, headers: unsigned } },
        { name: 'with an empty signature', request: signedAs('') },
        { name: 'signed with another secret', request: signedAs(signatureOf(true_.body, 'guessed')) },
        { name: 'signed with an empty secret', request: signedAs(signatureOf(true_.body, '')) },
        { name: 'with another body', request: { ...true_, body: true_.body.replace('"object_id":', '"object_id":1') } },
        { name: 'with the same body in other bytes', request: { ...true_, body: `${true_.body}\n` } },
        { name: 'with the signature in hex', request: signedAs(Buffer.from(signature, 'base64').toString('hex')) },
        { name: 'with the signature without its padding', request: signedAs(signature.replace('=', '')) },
        { name: 'with something behind the signature', request: signedAs(`${signature}=`) },
        { name: 'with the signature twice', request: signedAs(`${signature}, ${signature}`) },
        {
          name: 'to an address that names no account',
          request: { ...true_, path: '/webhooks/tradegecko/everybody' },
        },
      ];
    },
    unreadable: () => signed(path, '{"object_id":1,'),
    secrets: () => [CLIENT_SECRET, ...sandbox.tokens.all()],
    refuse: () => sandbox.tokens.refuse(true),
    accept: () => sandbox.tokens.refuse(false),
    expire() {
      const before = sandbox.tokens.counts.refreshes;
      sandbox.tokens.expire();
      return () => sandbox.tokens.counts.refreshes - before;
    },
    slow(ms) {
      sandbox.delayMs = ms;
    },
    close: () => sandbox.close(),
  };
  return { ...dialect, sandbox };
}

/** A request as the provider would have sent it, with any body. */
export function signed(path: string, body: string, delivery = 'a-delivery'): WebhookRequest {
  return {
    path,
    headers: {
      'content-type': 'application/json',
      'x-gecko-delivery': delivery,
      'x-gecko-signature': signatureOf(body, CLIENT_SECRET),
    },
    body,
  };
}

const signatureOf = (body: string, secret: string): string =>
  createHmac('sha256', secret).update(body).digest('base64');
