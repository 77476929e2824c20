import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { AccountRef } from './vocabulary.ts';

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Whoever makes a key by hand may be short of imagination; an empty one would seal with what everybody knows. */
const SHORTEST_KEY = 16;

/** Seals what must not be readable on disk: tokens and privacy codes. AES-256-GCM, bound to source and account. */
export interface Seal {
  seal(plain: string | Buffer, owner: AccountRef): Buffer;
  /** @throws Unsealable when none of the keys opens it, or when it was sealed for somebody else. */
  open(sealed: Buffer, owner: AccountRef): string;
  /** The same for what is no text. @throws Unsealable */
  openBytes(sealed: Buffer, owner: AccountRef): Buffer;
  /** Is it sealed with the first key? Then it needs no other one. */
  isCurrent(sealed: Buffer, owner: AccountRef): boolean;
  /** A key for another purpose, such as signing a cookie. */
  subKey(purpose: string): Buffer;
  /** The same of each key: what was made with an earlier one is good as long as that key is there. */
  subKeys(purpose: string): Buffer[];
}

/** @param keys The secret keys: the first one seals, all of them open. */
export function createSeal(keys: readonly string[]): Seal {
  const derive = (key: string, purpose: string) => Buffer.from(hkdfSync('sha256', key, 'slipstream', purpose, 32));
  const sealing = keys.map((key) => derive(key, 'seal'));
  const [first] = sealing;
  const [firstSecret] = keys;
  if (!first || firstSecret === undefined) throw new Error('There is no secret key.');

  function openBytes(sealed: Buffer, owner: AccountRef): Buffer {
    for (const key of sealing) {
      const plain = tryOpen(sealed, key, owner);
      if (plain !== undefined) return plain;
    }
    throw new Unsealable();
  }

  return {
    seal(plain, owner) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', first, nonce).setAAD(boundTo(owner));
      const bytes = typeof plain === 'string' ? Buffer.from(plain, 'utf8') : plain;
      const text = Buffer.concat([cipher.update(bytes), cipher.final()]);
      return Buffer.concat([Buffer.of(VERSION), nonce, cipher.getAuthTag(), text]);
    },
    open: (sealed, owner) => openBytes(sealed, owner).toString('utf8'),
    openBytes,
    isCurrent: (sealed, owner) => tryOpen(sealed, first, owner) !== undefined,
    subKey: (purpose) => derive(firstSecret, purpose),
    subKeys: (purpose) => keys.map((key) => derive(key, purpose)),
  };
}

function tryOpen(sealed: Buffer, key: Buffer, owner: AccountRef): Buffer | undefined {
  if (sealed[0] !== VERSION || sealed.length < 1 + NONCE_BYTES + TAG_BYTES) return undefined;
  const nonce = sealed.subarray(1, 1 + NONCE_BYTES);
  const tag = sealed.subarray(1 + NONCE_BYTES, 1 + NONCE_BYTES + TAG_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce).setAAD(boundTo(owner)).setAuthTag(tag);
  const text = decipher.update(sealed.subarray(1 + NONCE_BYTES + TAG_BYTES));
  try {
    return Buffer.concat([text, decipher.final()]);
  } catch {
    // Another key sealed it, or it was sealed for another account: GCM does not say which.
    return undefined;
  }
}

const boundTo = ({ source, account }: AccountRef) => Buffer.from(JSON.stringify([source, account]));

export class Unsealable extends Error {
  constructor() {
    super('The stored token cannot be opened with the present SECRET_KEY. The account has to be connected again.');
    this.name = 'Unsealable';
  }
}

/** What cookies, links and personal tokens are stored as: their values are random, so a plain hash hides them. */
export const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** 256 random bits in a form that fits into URLs and headers. */
export const newSecret = (): string => randomBytes(32).toString('base64url');

/**
 * The keys in `DATA_DIR/secret.key`, made on the first start: one a line, and more than one only while they are being rotated.
 *
 * @throws BrokenKeyFile when the file is empty or cut off.
 */
export function secretKeysIn(dataDir: string): string[] {
  const file = join(dataDir, KEY_FILE);
  if (!existsSync(file)) makeSecretKey(dataDir);
  const keys = readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  if (keys.length === 0 || keys.some((key) => key.length < SHORTEST_KEY)) throw new BrokenKeyFile(file);
  return keys;
}

/** Several processes may start on one new folder: the first of them makes the key, and the others find it. */
function makeSecretKey(dataDir: string): void {
  const mine = join(dataDir, `${KEY_FILE}.${randomBytes(6).toString('hex')}`);
  writeKeys(mine, [newSecret()]);
  try {
    linkSync(mine, join(dataDir, KEY_FILE));
  } catch {
    // Somebody was first, or this disk knows no links.
    if (!existsSync(join(dataDir, KEY_FILE))) renameSync(mine, join(dataDir, KEY_FILE));
  } finally {
    rmSync(mine, { force: true });
  }
  syncFolder(dataDir);
}

/** All of them or, after a power cut, those that were there before: a key that is lost locks everybody out. */
export function writeSecretKeys(dataDir: string, keys: readonly string[]): void {
  const file = join(dataDir, KEY_FILE);
  writeKeys(`${file}.new`, keys);
  renameSync(`${file}.new`, file);
  syncFolder(dataDir);
}

function writeKeys(file: string, keys: readonly string[]): void {
  const next = openSync(file, 'w', 0o600);
  try {
    writeFileSync(next, keys.map((key) => `${key}\n`).join(''));
    fsyncSync(next);
  } finally {
    closeSync(next);
  }
}

function syncFolder(dataDir: string): void {
  const folder = openSync(dataDir, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

const KEY_FILE = 'secret.key';

export class BrokenKeyFile extends Error {
  constructor(file: string) {
    super(
      `${file} is empty or cut off, so nothing that is sealed can be opened. Put the right one back. If there is none, move it away: ` +
        'then a new key is made, and every account has to connect again.',
    );
    this.name = 'BrokenKeyFile';
  }
}
