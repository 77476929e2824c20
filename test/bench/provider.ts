import { type FaultSettings, type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/index.ts';
import { answer } from './answer.ts';
import { CLIENT, type Listening } from './client.ts';

export type Library = Pick<SandboxOptions, 'riders' | 'tracks'>;

export interface Which {
  type: 'route' | 'trip';
  id: number;
}

/** The stand-in provider in a process of its own, so that what it costs is not counted as Slipstream's. */
let sandbox: Sandbox | undefined;

const running = (): Sandbox => {
  if (!sandbox) throw new Error('The provider was not started.');
  return sandbox;
};

const everything = () => {
  const { world } = running();
  return world.riders().flatMap((rider) => world.items(rider.id));
};

answer(
  {
    async start(library: Library): Promise<Listening> {
      sandbox = await startSandbox({ clients: [CLIENT], ...library });
      return { url: sandbox.url };
    },
    token: (rider: number) => running().world.issueToken(rider, CLIENT.apiKey),
    items: (rider: number): Which[] =>
      running()
        .world.items(rider)
        .map(({ type, id }) => ({ type, id })),
    sendTo: (url: string) => running().webhooks.setUrl(CLIENT.apiKey, url),
    /** Webhooks that were not answered with 200 within the provider's second: it never sends them again. */
    unheard: () => running().webhooks.sent.filter(({ status }) => status !== 200).length,
    rename({ type, id, name }: Which & { name: string }) {
      running().world.edit(type, id, { name });
    },
    /** Everything there is, without a word to anybody. */
    renameAll(name: string) {
      for (const { type, id } of everything())
        running().world.edit(type, id, { name: `${name} ${id}` }, { silent: true });
    },
    /** The names of everything, each under its owner, type and id. */
    names: () =>
      Object.fromEntries(everything().map(({ userId, type, id, name }) => [`${userId} ${type}/${id}`, name])),
    faults: (changes: Partial<FaultSettings>) => running().faults.set(changes),
    calm: () => running().faults.clear(),
    revokeAll: (rider: number) => running().world.revokeAll(rider),
  },
  () => sandbox?.close(),
);
