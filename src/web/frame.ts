import type { Account } from '../storage/accounts.ts';
import type { Preferences } from '../storage/preferences.ts';
import type { AccountSync, QueueCounts } from '../storage/sync.ts';
import type { Assets } from './assets.ts';
import type { Ground } from './ground.ts';
import type { Units } from './units.ts';

/** What every page needs besides its own data. */
export interface Frame {
  assets: Assets;
  now: Date;
  units: Units;
  /** Empty: as the reader's system has it. */
  theme: Preferences['theme'];
  /** What maps lie on; without it on the plain one. */
  ground?: Ground | undefined;
  /** Whoever is signed in; without it the page has no navigation. */
  rider?: Rider | undefined;
}

/** The signed-in account and how its copy is doing. */
export interface Rider {
  account: Account;
  sync: AccountSync;
  queue: QueueCounts;
  /** There are records of other sources to be looked at, and this is whose they are. */
  sources?: boolean;
}

/** The frame of pages that only a signed-in rider sees. */
export interface RiderFrame extends Frame {
  rider: Rider;
}
