import { join } from 'node:path';
import { Agent, request } from 'undici';
import type { Where } from '../storage/open.ts';
import { Failure } from './failure.ts';

/** An answer of the running Slipstream. */
interface ControlAnswer {
  status: number;
  body: unknown;
}

/** The running Slipstream, asked over `DATA_DIR/control.sock`: whoever may open that file is the operator. */
export interface Control {
  /** `account` is the provider's user id; without one the owner is meant. @throws NotRunning Failure when it is refused. */
  get<T>(path: string, account?: string): Promise<T>;
  /** @throws NotRunning Failure when it is refused. */
  post<T>(path: string, account?: string, body?: unknown): Promise<T>;
  /** @throws NotRunning Failure when it is refused. */
  remove(path: string, account?: string): Promise<void>;
  /** Any answer at all. @throws NotRunning */
  send(method: 'GET' | 'POST' | 'DELETE', path: string, account?: string, body?: unknown): Promise<ControlAnswer>;
  running(): Promise<boolean>;
  close(): Promise<void>;
}

class NotRunning extends Failure {
  constructor({ dataDir, databaseUrl }: Where, cause: unknown) {
    super(
      databaseUrl === undefined
        ? `Slipstream is not running for DATA_DIR ${dataDir}, and this needs it. Start it with npm start, then try again.`
        : `No "slipstream serve" or "slipstream receive" runs here for DATA_DIR ${dataDir}, and this needs one: any of those that share DATABASE_URL will do. Run this command where one runs, with its DATA_DIR, or start one, then try again.`,
      { cause },
    );
    this.name = 'NotRunning';
  }
}

/** No socket, nobody behind it, or no place where one could be. */
const ABSENT = ['ENOENT', 'ECONNREFUSED', 'ENOTSOCK', 'ENOTDIR', 'EINVAL', 'ENAMETOOLONG'];

export function createControl(where: Where): Control {
  const { dataDir } = where;
  const agent = new Agent({ connect: { socketPath: join(dataDir, 'control.sock') } });

  async function send(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    account?: string,
    body?: unknown,
  ): Promise<ControlAnswer> {
    try {
      const answer = await request(`http://slipstream${path}`, {
        method,
        dispatcher: agent,
        headers: {
          ...(account !== undefined && { 'x-slipstream-account': account }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        headersTimeout: 30_000,
        bodyTimeout: 30_000,
      });
      const text = await answer.body.text();
      return { status: answer.statusCode, body: text === '' ? undefined : JSON.parse(text) };
    } catch (error) {
      throw asFailure(error, where);
    }
  }

  async function wanted<T>(answer: Promise<ControlAnswer>): Promise<T> {
    const { status, body } = await answer;
    // Both ends are of one installation: what it sends is what its own types say.
    if (status < 300) return body as T;
    throw new Failure(messageIn(body) ?? `Slipstream refused this (${status}).`);
  }

  return {
    send,
    get: (path, account) => wanted(send('GET', path, account)),
    post: (path, account, body) => wanted(send('POST', path, account, body)),
    remove: (path, account) => wanted(send('DELETE', path, account)),
    async running() {
      try {
        return (await send('GET', '/healthz')).status === 200;
      } catch (error) {
        if (error instanceof NotRunning) return false;
        throw error;
      }
    },
    close: () => agent.close(),
  };
}

/** Opens the control socket for as long as `work` takes. */
export async function withControl<T>(where: Where, work: (control: Control) => Promise<T>): Promise<T> {
  const control = createControl(where);
  try {
    return await work(control);
  } finally {
    await control.close();
  }
}

function asFailure(error: unknown, where: Where): Error {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (ABSENT.includes(code)) return new NotRunning(where, error);
  if (code === 'EACCES' || code === 'EPERM') {
    return new Failure(
      `${join(where.dataDir, 'control.sock')} belongs to another user, so Slipstream cannot be asked. Run this as the user that runs Slipstream.`,
      { cause: error },
    );
  }
  return new Failure('Slipstream runs but did not answer. Try again; if it stays so, restart it.', { cause: error });
}

/** `{"error":{"code","message"}}`. */
export function messageIn(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null || !('error' in body)) return undefined;
  const { error } = body;
  if (typeof error !== 'object' || error === null || !('message' in error)) return undefined;
  return typeof error.message === 'string' ? error.message : undefined;
}
