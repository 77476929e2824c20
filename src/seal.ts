import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AccountRef } from './vocabulary.ts';

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Seals what must not be readable on disk: tokens and privacy codes. AES-256-GCM, bound to source and account. */
export interface Seal {
  seal(plain: string, owner: AccountRef): Buffer;
  /** @throws Unsealable when none of the keys opens it, or when it was sealed for somebody else. */
  open(sealed: Buffer, owner: AccountRef): string;
  /** A key for another purpose, such as signing a cookie. */
  subKey(purpose: string): Buffer;
}

/** @param keys The secret keys: the first one seals, all of them open. */
export function createSeal(keys: readonly string[]): Seal {
  const derive = (key: string, purpose: string) => Buffer.from(hkdfSync('sha256', key, 'slipstream', purpose, 32));
  const sealing = keys.map((key) => derive(key, 'seal'));
  const [first] = sealing;
  const [firstSecret] = keys;
  if (!first || firstSecret === undefined) throw new Error('There is no secret key.');

  return {
    seal(plain, owner) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', first, nonce).setAAD(boundTo(owner));
      const text = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return Buffer.concat([Buffer.of(VERSION), nonce, cipher.getAuthTag(), text]);
    },
    open(sealed, owner) {
      for (const key of sealing) {
        const plain = tryOpen(sealed, key, owner);
        if (plain !== undefined) return plain;
      }
      throw new Unsealable();
    },
    subKey: (purpose) => derive(firstSecret, purpose),
  };
}

function tryOpen(sealed: Buffer, key: Buffer, owner: AccountRef): string | undefined {
  if (sealed[0] !== VERSION || sealed.length < 1 + NONCE_BYTES + TAG_BYTES) return undefined;
  const nonce = sealed.subarray(1, 1 + NONCE_BYTES);
  const tag = sealed.subarray(1 + NONCE_BYTES, 1 + NONCE_BYTES + TAG_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce).setAAD(boundTo(owner)).setAuthTag(tag);
  const text = decipher.update(sealed.subarray(1 + NONCE_BYTES + TAG_BYTES));
  try {
    return Buffer.concat([text, decipher.final()]).toString('utf8');
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

/** Reads `DATA_DIR/secret.key`, and makes it on the first start. */
export function secretKeyIn(dataDir: string): string {
  const file = join(dataDir, 'secret.key');
  if (!existsSync(file)) writeFileSync(file, `${newSecret()}\n`, { mode: 0o600, flag: 'wx' });
  return readFileSync(file, 'utf8').trim();
}
