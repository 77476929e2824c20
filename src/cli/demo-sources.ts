import type { App } from '../app.ts';
import type { Environment } from '../config.ts';
import { startEcovelo } from '../sandbox/ecovelo/index.ts';
import { startPryv } from '../sandbox/pryv/index.ts';
import { startRye } from '../sandbox/rye/index.ts';
import { startTradeGecko } from '../sandbox/tradegecko/index.ts';
import type { SourceName } from '../vocabulary.ts';
import { withControl } from './control.ts';

/** So often something happens at one of them. */
const EVENT_EVERY_MS = 10_000;

/** They open nothing but stand-ins. */
const GECKO = { clientId: 'sandbox-tradegecko', clientSecret: 'sandbox-tradegecko-secret' };
const RYE = { apiKey: 'sandbox-rye-key', hmacSecret: 'sandbox-rye-hmac', webhookSecret: 'sandbox-rye-webhooks' };
const ECOVELO = { apiKey: 'sandbox-ecovelo-key', secret: 'sandbox-ecovelo-address' };

/** A made-up provider of another source. */
interface Other {
  source: SourceName;
  url: string;
  environment: Environment;
  /** Makes its account known to the running program where the environment does not, and registers its webhook. */
  connect(app: App, origin: string): Promise<void>;
  /** Something happens there, and is announced. */
  act(): Promise<unknown> | unknown;
  close(): Promise<void>;
}

export type Others = Awaited<ReturnType<typeof startOthers>>;

/** Starts the made-up providers of the other four sources. They are small, so they live in this process. */
export async function startOthers() {
  const all: Other[] = [];
  let timer: NodeJS.Timeout | undefined;
  let turn = 0;

  const close = async (): Promise<void> => {
    clearInterval(timer);
    await Promise.all(all.map((other) => other.close()));
  };

  try {
    for (const start of [geckoShop, ryeShop, diary, bikeShare]) all.push(await start());
  } catch (error) {
    await close();
    throw error;
  }

  return {
    environment: Object.assign({}, ...all.map(({ environment }) => environment)) as Environment,
    urls: Object.fromEntries(all.map(({ source, url }) => [source, url])),
    /** @param origin Where Slipstream answers for somebody on this machine. */
    async connect(app: App, origin: string): Promise<void> {
      for (const other of all) {
        await other.connect(app, origin);
        await other.act();
      }
      timer = setInterval(() => {
        const other = all[turn++ % all.length];
        // What gets through is seen in Slipstream, and what does not is tried again by its sender.
        void Promise.resolve(other?.act()).catch(() => {});
      }, EVENT_EVERY_MS);
    },
    close,
  };
}

/** What `slipstream accounts add` does. @returns the path of the webhook's address, with its query. */
async function addAccount({ config }: App, source: SourceName, given: Record<string, string>): Promise<string> {
  const added = await withControl(config, (control) =>
    control.post<{ webhook_url: string }>(`/control/sources/${source}/accounts`, undefined, given),
  );
  const { pathname, search } = new URL(added.webhook_url);
  return `${pathname}${search}`;
}

async function geckoShop(): Promise<Other> {
  const account = { id: 7067, name: 'Bicycle Parts Ltd.' };
  const { url, world, tokens, sender, close } = await startTradeGecko({ ...GECKO, accounts: [account] });
  let orders = 1_000;
  const order = (status: string) =>
    world.add(account.id, 'orders', { order_number: `SO${++orders}`, status, notes: 'Leave it with the neighbour' });
  for (const name of ['Chain, 12 speed', 'Bottle cage', 'Inner tube 28"']) world.add(account.id, 'products', { name });
  for (const status of ['fulfilled', 'finalized', 'draft']) order(status);

  return {
    source: 'tradegecko',
    url,
    environment: {
      TRADEGECKO_BASE_URL: url,
      TRADEGECKO_CLIENT_ID: GECKO.clientId,
      TRADEGECKO_CLIENT_SECRET: GECKO.clientSecret,
    },
    async connect(app, origin) {
      const { access_token, refresh_token } = tokens.grant(account.id);
      const given = { 'access-token': access_token, 'refresh-token': refresh_token };
      sender.register(account.id, null, `${origin}${await addAccount(app, 'tradegecko', given)}`);
    },
    act: () => sender.announce(order('draft'), 'create'),
    close,
  };
}

async function ryeShop(): Promise<Other> {
  const { url, graphqlUrl, world, register, close } = await startRye({ ...RYE, retryMs: 4_000 });
  let shipments = 0;
  for (const title of ['Rain jacket', 'Bell']) world.v2.product('product.updated', `B0${title.length}`, { title });

  return {
    source: 'rye',
    url,
    environment: {
      RYE_BASE_URL: url,
      RYE_GRAPHQL_URL: graphqlUrl,
      RYE_API_KEY: RYE.apiKey,
      RYE_HMAC_SECRET: RYE.hmacSecret,
      RYE_WEBHOOK_SECRET: RYE.webhookSecret,
    },
    async connect(_app, origin) {
      await register(`${origin}/webhooks/rye`);
    },
    // In both dialects, by turns.
    act() {
      shipments += 1;
      if (shipments % 2 === 0) return world.v2.shipment('shipment.created', `sh_${shipments}`, { status: 'shipped' });
      return world.v1.product('PRODUCT_UPDATED', 'B00A2KD8NY', {
        title: `Saddle bag, edition ${shipments}`,
        vendor: 'OXO',
      });
    },
    close,
  };
}

async function diary(): Promise<Other> {
  const { url, endpoint, world, sender, close } = await startPryv();
  let notes = 0;

  return {
    source: 'pryv',
    url,
    // Its accounts are all that there is to configure.
    environment: {},
    async connect(app, origin) {
      const path = await addAccount(app, 'pryv', { endpoint });
      sender.register(`${origin}${path}`, 'cslipstream');
    },
    act: () => world.addEvent({ content: `Note ${++notes}: the wind had turned` }),
    close,
  };
}

async function bikeShare(): Promise<Other> {
  const { url, world, setWebhook, ride, close } = await startEcovelo({ apiKey: ECOVELO.apiKey });
  for (const bike of ['V-1', 'V-2']) world.add('trip', { bike, status: 'billed' });
  world.add('cyclist', { name: 'Ada Bell' });

  return {
    source: 'ecovelo',
    url,
    environment: {
      ECOVELO_BASE_URL: url,
      ECOVELO_API_KEY: ECOVELO.apiKey,
      ECOVELO_WEBHOOK_SECRET: ECOVELO.secret,
    },
    async connect(_app, origin) {
      setWebhook(`${origin}/webhooks/ecovelo?secret=${ECOVELO.secret}`);
    },
    act: ride,
    close,
  };
}
