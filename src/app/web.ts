import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { Cron } from 'croner';
import { createConnect } from '../connect.ts';
import { createConnectSource } from '../connect-source.ts';
import { openGrounds } from '../ground/grounds.ts';
import { createAuth } from '../http/auth.ts';
import { createEvents } from '../http/events.ts';
import { type Listening, listenOnPort, listenOnSocket } from '../http/listen.ts';
import { createSpeech } from '../http/pages/language.ts';
import { createServer } from '../http/server.ts';
import { createReaders } from '../readers.ts';
import { createReceiver } from '../receive.ts';
import type { Source } from '../sources/source.ts';
import type { Library } from '../storage/library.ts';
import type { Lines } from '../storage/lines.ts';
import type { Records } from '../storage/records.ts';
import { remote } from '../storage/remote.ts';
import type { Verbs } from '../storage/store.ts';
import { type AccountRef, RIDERS, type SourceName } from '../vocabulary.ts';
import { readAssets } from '../web/assets.ts';
import type { LANGUAGES } from '../web/languages/index.ts';
import type { Foundations } from './foundations.ts';
import { openIntake } from './intake.ts';

/** Takes webhooks, and shows what there is. `start` begins to answer. */
export async function openWeb(
  foundations: Foundations,
  verbs: Verbs,
  languages: typeof LANGUAGES,
  opened: AsyncDisposableStack,
) {
  const { config, log, now, onError, seal, sources, inbox, accounts, items, photos, pictures, runs, sessions } =
    foundations;
  const { board, signals, jobs, health, status } = foundations;
  const assets = readAssets();
  const grounds = await openGrounds({ ...config, now, warn: (sentence) => log.warn(sentence) });
  const readers = opened.adopt(createReaders(config), (each) => each.close());
  const library = remote<Library>((method, args) => readers.call('library', method, args));
  const records = remote<Records>((method, args) => readers.call('records', method, args));
  const lines = remote<Lines>((method, args) => readers.call('lines', method, args));

  // The first steps of the path of an event.
  const intake = openIntake(foundations, opened);
  const receiver = createReceiver({ inbox, board, now, onKept: intake.offer, onError });

  // What people and programs see of it.
  const events = opened.adopt(createEvents(signals), (each) => each.close());
  const source = sources.get(RIDERS);
  if (!source) throw new Error('Ride With GPS is not among the sources.');
  const connecting = { config, seal, accounts, writer: verbs.accounts, inbox, jobs, now, onError };
  const connect = createConnect({ ...connecting, source });
  const connectSource = createConnectSource({ ...connecting, sources });
  const { publicUrl } = config;
  const controlled = new WeakSet<IncomingMessage>();
  const isControl = (request: IncomingMessage) => controlled.has(request);
  const auth = createAuth({ accounts, sessions, sessionWriter: verbs.sessions, publicUrl, isControl, now });
  const handle = createServer({
    config,
    publicUrl,
    assets,
    auth,
    health,
    sources,
    receiver,
    count: health.countWebhook,
    inbox,
    intake,
    accounts,
    accountWriter: verbs.accounts,
    items,
    itemVerbs: verbs.items,
    library,
    records,
    runs,
    photos,
    pictures,
    photoVerbs: verbs.photos,
    lines,
    sessions,
    sessionWriter: verbs.sessions,
    readers,
    status,
    signals,
    events,
    jobs,
    grounds,
    speech: createSpeech(languages),
    connect,
    connectSource,
    now,
    onError,
  });

  async function listen(): Promise<string> {
    const control = await listenForOperator();
    if (control) opened.defer(() => control.close());
    const web = await listenOnPort(handle, config.port, config.host);
    opened.defer(() => web.close());
    return web.url;
  }

  /** Of several processes on one machine, one can be asked by the commands: they all can do the same. */
  async function listenForOperator(): Promise<Listening | undefined> {
    const path = join(config.dataDir, 'control.sock');
    return listenOnSocket((request, response) => {
      controlled.add(request);
      handle(request, response);
    }, path);
  }

  async function start(): Promise<void> {
    for (const { name, ownAccount } of sources.values()) if (ownAccount) await openOwnAccount(name, ownAccount);
    intake.start();
    if (!config.ridewithgps.authToken) return;
    // Until the provider has said whose token it is, it is asked again each minute.
    const options = { timezone: 'UTC', protect: true, catch: onError };
    const ask = opened.adopt(
      new Cron('* * * * *', options, async () => {
        if (await connect.useAuthToken()) ask.stop();
      }),
      (cron) => cron.stop(),
    );
    void ask.trigger();
  }

  /** The environment may have new secrets for it, so whatever waited for a person is tried again. */
  async function openOwnAccount(source: SourceName, { id, name }: NonNullable<Source['ownAccount']>): Promise<void> {
    const ref: AccountRef = { source, account: id };
    const known = await accounts.find(ref);
    const sealedToken = seal.seal('', ref);
    await verbs.accounts.connect({
      ...ref,
      name,
      client: '',
      tokenKind: 'auth-token',
      sealedToken,
      connectedAt: now(),
    });
    await inbox.unpark(ref, now());
    if (!known) jobs.ask('reconcile', { ...ref, startedBy: 'connecting' }).catch(onError);
  }

  return { library, records, intake, receiver, connect, connectSource, listen, start };
}
