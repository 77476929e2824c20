import type { IncomingHttpHeaders } from 'node:http';
import type { Answered } from '../evidence.ts';
import type { Description } from '../storage/items.ts';
import type { AccountRef, Key, Notification, Problem, SourceName } from '../vocabulary.ts';

/** A webhook request before anything of it is believed. */
export interface RawRequest {
  headers: IncomingHttpHeaders;
  body: Buffer;
}

type Verification = { ok: true; client: string } | { ok: false; message: string };

export type Parsed = { ok: true; value: unknown } | { ok: false; problem: Problem };

/** As read out of a delivery: a privacy code is still plain here, and sealed before it is stored. */
export type ReadNotification = Omit<Notification, 'secret'> & { secret?: string };

export interface Reading {
  notifications: ReadNotification[];
  /** Elements that could not be read, each with its JSON text. */
  rejections: { problem: Problem; evidence: string }[];
}

/** What a request to the provider is made with. */
export interface Credentials {
  headers: Record<string, string>;
  /** The item's privacy code, if it has one. */
  secret?: string;
}

/** What the source says now to this account. */
export type Snapshot =
  | { kind: 'present'; raw: Buffer; beganAt: number; describe: () => Description }
  /** 404 or 410 in the provider's own error shape. */
  | { kind: 'gone' }
  /** 403 in the provider's own error shape. */
  | { kind: 'forbidden'; answer?: Answered }
  /** The whole set of what is pinned now. */
  | { kind: 'pins'; pins: { type: string; id: string }[] }
  /** The token works. */
  | { kind: 'accepted' };

export interface Change {
  type: string;
  id: string;
  action: string;
  /** Epoch milliseconds, the provider's clock. */
  happenedAt: number;
  announcesDeletion: boolean;
}

export interface Changes {
  changes: Change[];
  /** ISO 8601, the provider's clock: what to pass next time. */
  cursor: string;
  /** Provider's clock minus ours, milliseconds. */
  clockOffset: number;
}

export interface InventoryEntry {
  type: string;
  id: string;
  /** ISO 8601 in UTC. */
  version: string;
}

/** Everything that the account has at the provider now. */
export interface Inventory {
  owned: InventoryEntry[];
  pinned: { type: string; id: string; version: string }[];
}

/** One provider with its dialect. Reading webhooks is pure; the rest talks to the provider and runs in workers. */
export interface Source {
  name: SourceName;
  /** Headers of a webhook worth keeping with its delivery; never a secret or a signature. */
  keptHeaders: readonly string[];
  /** Why it cannot be from the provider whatever its body is, so that nothing of the body needs to be kept; undefined: it may be. */
  refuses(headers: IncomingHttpHeaders): string | undefined;
  /** Is it from the provider? Looks at raw bytes, before anything is parsed. */
  verify(request: RawRequest): Verification;
  /** Is there something as secret as a token in the body? Asked before each acknowledgement, so it looks at bytes alone. */
  holdsSecret(body: Buffer): boolean;
  /** The text of a body or a part of it, without that. */
  withoutSecret(text: string): string;
  /** Only as far as needed to answer 400. */
  parse(body: Buffer): Parsed;
  /** @param learntAt Epoch milliseconds, our clock. */
  read(value: unknown, learntAt: number): Reading;
  /** One element that an earlier version could not read. */
  readElement(element: unknown, learntAt: number): Reading;

  /** A body that was fetched some time. @throws NotTheProvider when it is not that item. */
  describe(raw: Buffer, key: Key): Description;

  /** @throws RateLimited Unauthorized ProviderDown NotTheProvider TooLarge Unacceptable */
  fetch(key: Key, credentials: Credentials): Promise<Snapshot>;
  /** @param cursor ISO 8601; null: everything there is. */
  changesSince(cursor: string | null, credentials: Credentials): Promise<Changes>;
  inventory(credentials: Credentials): Promise<Inventory>;
  /**
   * The bytes of a photo, from an address that a body has named: without a token, and from the provider's own hosts only.
   *
   * @throws Elsewhere RateLimited ProviderDown NotTheProvider TooLarge
   */
  download(url: string): Promise<Buffer>;
  whoAmI(credentials: Credentials): Promise<{ userId: string; name: string }>;
  close(): Promise<void>;
}

/** The keys that are not items: the set of pins, and the probe of the token. */
export const pinsOf = ({ source, account }: AccountRef): Key => ({ source, account, type: 'pinned', id: 'pinned' });
export const probeOf = ({ source, account }: AccountRef): Key => ({ source, account, type: 'account', id: 'token' });

/** How a key is spoken of, at the beginning of a sentence. */
export const titleOf = ({ type, id }: Key): string =>
  TITLES[type] ?? `${type.charAt(0).toUpperCase()}${type.slice(1)} ${id}`;

const TITLES: Record<string, string> = { pinned: 'The list of what is pinned', account: 'The token' };
