import type { Readable } from 'node:stream';
import type { Key } from '../vocabulary.ts';
import type { ItemRef } from './items.ts';

/** A photo as the body of an item names it. Nothing of it is believed before it is followed. */
export interface PhotoRef {
  /** The provider's. */
  id: string;
  url: string;
}

/** What a picture is by its own bytes. Pixels, the right way up. */
export interface Picture {
  media: 'image/jpeg' | 'image/png' | 'image/webp' | 'image/gif' | 'image/avif';
  width: number;
  height: number;
}

export interface StoredPicture extends Picture {
  /** SHA-256, hexadecimal. */
  hash: string;
  bytes: number;
}

/** Why a photo is not here, in the order of how much is known: the first three are for good. */
export type PhotoProblem = 'elsewhere' | 'too-large' | 'no-picture' | 'missing' | 'unreachable';

/** One photo of an item, and what became of copying it. */
export type StoredPhoto = { id: string } & (
  | { state: 'copied'; picture: StoredPicture }
  /** `problem`: how the last attempt ended, if there was one. */
  | { state: 'waiting'; problem: PhotoProblem | null }
  | { state: 'failed'; problem: PhotoProblem }
);

interface PhotoCounts {
  copied: number;
  waiting: number;
  failed: number;
}

/** Reads for pages and the API. */
export interface Photos {
  /** Of every version of the item. */
  of(ref: ItemRef): Promise<StoredPhoto[]>;
  /** A picture that one of the account's items has. @param hash hexadecimal. */
  picture(accountId: number, hash: string): Promise<StoredPicture | undefined>;
  /** Of all accounts. */
  count(): Promise<PhotoCounts>;
}

/** An attempt to copy a photo, counted already. */
export interface PhotoAttempt {
  photo: number;
  key: Key;
  url: string;
  attempts: number;
}

/** What an attempt came to. */
export type PhotoEnd = { attempt: PhotoAttempt } & (
  | { kind: 'copied'; picture: StoredPicture }
  /** `dueAt` null: never again. */
  | { kind: 'failed'; problem: PhotoProblem; dueAt: number | null }
  /** It was not the photo's fault: the attempt does not count. */
  | { kind: 'put off'; dueAt: number }
);

/** The verbs of `copy-photos.ts`. Times are epoch milliseconds. */
export interface PhotoWriter {
  /**
   * Gives out photos that are due, those of connected accounts: at most `limit`, and each counts as an attempt from now on. One that
   * had its attempts and ended none of them, because it ends whatever reads it, is given up.
   */
  begin(limit: number, mostAttempts: number, now: number): Promise<PhotoAttempt[]>;
  /** All of them in one transaction: whoever finds the database locked waits once. @returns false when one was erased meanwhile. */
  settle(ends: readonly PhotoEnd[]): Promise<boolean>;
  /** When the next one is due; null when none waits. */
  nextDue(): Promise<number | null>;
}

/** What is done around photos by the rules of the house; each call is one in a worker. */
export interface PhotoVerbs {
  /**
   * At the start, before anything is copied: what was cut off is due again, pictures whose file is lost are copied once more, and files
   * that belong to nobody are erased.
   */
  tidy(now: number): Promise<void>;
  /** Files that belong to nobody are overwritten and removed. */
  eraseOrphans(): Promise<void>;
  /** What was given up for this item is tried once more. @returns how many. */
  retry(ref: ItemRef, now: number): Promise<number>;
}

/** The bytes of pictures, by their hash. A store of its own: they are read without anybody waiting, and never with the database. */
export interface Pictures {
  /** Durable when it returns. @param hash hexadecimal. */
  put(hash: string, bytes: Buffer): Promise<void>;
  has(hash: string): Promise<boolean>;
  /** @returns undefined when it is not there. */
  read(hash: string): Promise<Readable | undefined>;
}
