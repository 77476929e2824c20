import { createHmac, timingSafeEqual } from 'node:crypto';
import { newSecret } from './seal.ts';

/** A provider asks its user to decide within this long. */
const LIVES_MS = 600_000;

/** The `state` of OAuth: good for the browser that has the cookie, for a while, and for what it was made for. */
export function createSignedState(key: Buffer, now: () => number) {
  const signed = (value: string): string => `${value}.${createHmac('sha256', key).update(value).digest('base64url')}`;

  return {
    /** @param purpose What it is made for. @returns what the provider passes on, and the cookie that only this browser gets. */
    begin(purpose: string): { state: string; cookie: string } {
      const state = newSecret();
      return { state, cookie: signed(`${state}.${now() + LIVES_MS}.${purpose}`) };
    },
    /** @returns what it was made for, if that was for this browser and lately. */
    purposeOf(cookie: string | undefined, state: string | undefined): string | undefined {
      if (!cookie || !state) return undefined;
      const value = cookie.slice(0, cookie.lastIndexOf('.'));
      const [made, until, ...purpose] = value.split('.');
      if (!sameText(cookie, signed(value)) || made === undefined || !sameText(made, state)) return undefined;
      return Number(until) > now() ? purpose.join('.') : undefined;
    },
  };
}

/** How long it takes says nothing about where they differ. */
export function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
