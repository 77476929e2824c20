import type { IncomingMessage } from 'node:http';
import type { Request, RequestHandler, Response } from 'express';
import { hashOf, newSecret } from '../seal.ts';
import type { Account, AccountReader } from '../storage/accounts.ts';
import type { SessionReader, SessionWriter } from '../storage/sessions.ts';
import type { AccountRef } from '../vocabulary.ts';

const SESSION_DAYS = 30;

export interface AuthParts {
  accounts: AccountReader;
  sessions: SessionReader;
  sessionWriter: SessionWriter;
  /** Behind https cookies are `Secure`. */
  publicUrl: string;
  /** Came in over `DATA_DIR/control.sock`: whoever may open that file is the operator. */
  isControl: (request: IncomingMessage) => boolean;
  now: () => number;
}

/** Who asks, and how they have shown it. */
export interface Viewer {
  account: Account;
  via: 'session' | 'token' | 'control';
}

export const refOf = ({ account }: Viewer): AccountRef => ({ source: account.source, account: account.user_id });

/** Makes a handler out of one that is for riders only. */
export type SignedIn = (
  handler: (viewer: Viewer, request: Request, response: Response) => Promise<unknown>,
) => RequestHandler;

/** Sessions, personal tokens and the control socket: the three ways to be somebody here. */
export function createAuth({ accounts, sessions, sessionWriter, publicUrl, isControl, now }: AuthParts) {
  const secure = publicUrl.startsWith('https:');
  // The prefix makes browsers refuse the cookie from a sibling domain; it needs https.
  const named = (name: string) => (secure ? `__Host-${name}` : name);
  const cookieName = named('slipstream');
  const options = { httpOnly: true, sameSite: 'lax', secure, path: '/' } as const;

  async function viewerOf(request: Request): Promise<Viewer | undefined> {
    if (isControl(request)) return asOperator(request);
    const bearer = bearerIn(request);
    if (bearer !== undefined) return viewer(await sessions.accountOfToken(hashOf(bearer)), 'token');
    const cookie = cookieIn(request, cookieName);
    return cookie === undefined ? undefined : viewer(await sessions.accountOfSession(hashOf(cookie), now()), 'session');
  }

  async function asOperator(request: Request): Promise<Viewer | undefined> {
    const wanted = request.get('x-slipstream-account');
    const all = await accounts.riders();
    const account = wanted ? all.find(({ user_id }) => user_id === wanted) : (all.find(({ owner }) => owner) ?? all[0]);
    return account && { account, via: 'control' };
  }

  async function viewer(id: number | undefined, via: Viewer['via']): Promise<Viewer | undefined> {
    const account = id === undefined ? undefined : await accounts.byId(id);
    return account && { account, via };
  }

  return {
    viewerOf,
    isControl,
    /** Somebody who was signed in in this browser, or still is. */
    hasSessionCookie: (request: Request): boolean => cookieIn(request, cookieName) !== undefined,
    /** The owner of the installation, or the operator, also before any rider has connected. */
    isOwner: async (request: Request): Promise<boolean> =>
      isControl(request) || ((await viewerOf(request))?.account.owner ?? false),
    /** A new session each time: whatever cookie the browser had before is worth nothing afterwards. */
    async signIn(request: Request, response: Response, account: Account): Promise<void> {
      await end(request);
      const value = newSecret();
      const expiresAt = now() + SESSION_DAYS * 86_400_000;
      await sessionWriter.open(hashOf(value), account.id, now(), expiresAt);
      response.cookie(cookieName, value, { ...options, maxAge: expiresAt - now() });
    },
    async signOut(request: Request, response: Response): Promise<void> {
      await end(request);
      response.clearCookie(cookieName, options);
    },
    named,
    cookieOptions: options,
  };

  async function end(request: Request): Promise<void> {
    const cookie = cookieIn(request, cookieName);
    if (cookie !== undefined) await sessionWriter.end(hashOf(cookie));
  }
}

export type Auth = ReturnType<typeof createAuth>;

export function cookieIn(request: IncomingMessage, name: string): string | undefined {
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const [key, value] = part.trim().split('=', 2);
    if (key === name && value) return decoded(value);
  }
  return undefined;
}

/** Any program on this host may set a cookie for it: one that is not in our form is nobody's, and no failure. */
function decoded(value: string): string | undefined {
  try {
    return decodeURIComponent(value);
  } catch {
    return undefined;
  }
}

/** A personal token, if that is what the request comes with. The word before it is the same in any case (RFC 9110, 11.1). */
const bearerIn = ({ headers }: IncomingMessage): string | undefined =>
  /^Bearer +([\w-]{20,200})$/i.exec(headers.authorization ?? '')?.[1];

/**
 * A change asked for with a cookie must come from our own pages: browsers say so in `Sec-Fetch-Site`, or at least in `Origin`.
 * A personal token or the control socket is no cookie, and no other site can make a browser send it. What a proxy's own password
 * puts into `Authorization` is sent along with every request, and proves nothing.
 */
export function sameOriginOnly(publicUrl: string, refuse: RequestHandler): RequestHandler {
  const ours = new URL(publicUrl).origin;
  return (request, response, next) => {
    const harmless = ['GET', 'HEAD', 'OPTIONS'].includes(request.method);
    if (harmless || !request.headers.cookie || bearerIn(request) !== undefined) return next();
    const site = request.get('sec-fetch-site');
    const origin = request.get('origin');
    const same =
      site === undefined
        ? origin === ours || origin === `${request.protocol}://${request.host}`
        : site === 'same-origin';
    return same ? next() : refuse(request, response, next);
  };
}
