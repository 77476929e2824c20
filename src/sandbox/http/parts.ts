import type { Faults } from '../faults.ts';
import type { SandboxClient } from '../options.ts';
import type { Requests } from '../requests.ts';
import type { Webhooks } from '../webhooks.ts';
import type { Tokens } from '../world/tokens.ts';
import type { Tracks } from '../world/tracks.ts';
import type { World } from '../world/world.ts';
import type { Presenter } from './present.ts';

/** Everything the HTTP side works with. */
export interface Sandbox {
  clients: readonly SandboxClient[];
  world: World;
  tokens: Tokens;
  tracks: Tracks;
  faults: Faults;
  webhooks: Webhooks;
  requests: Requests;
  present: Presenter;
  skipped: readonly { file: string; reason: string }[];
  /** Epoch milliseconds on the provider's clock. */
  clock: () => number;
  /** For example `http://127.0.0.1:3001`; known once the server listens. */
  origin: () => string;
  /** The origin in API payloads, which a fault can falsify. */
  linkOrigin: () => string;
}
