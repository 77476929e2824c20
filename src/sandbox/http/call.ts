import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import type { Rider } from '../model.ts';
import type { Answer } from './answer.ts';
import type { Sandbox } from './parts.ts';

/** A request as the sandbox's own handlers see it. */
export interface Call {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  /** The parsed JSON or form; an empty object where there was none. */
  body: Record<string, unknown>;
  /** What the pattern of the path caught. */
  matched: string[];
}

export interface RiderCall extends Call {
  rider: Rider;
  apiKey: string;
}

/** One line of the table of paths. `open` needs no rider. */
export type Endpoint = {
  method: 'get' | 'post' | 'put' | 'delete';
  path: RegExp;
} & (
  | { open: true; answer: (call: Call) => Answer | Promise<Answer> }
  | { open?: false; answer: (call: RiderCall) => Answer | Promise<Answer> }
);

export type Endpoints = (parts: Sandbox) => Endpoint[];

const fields = z.record(z.string(), z.unknown());
export const fieldsOf = (body: unknown): Record<string, unknown> => fields.safeParse(body).data ?? {};

/** A text out of a body, empty where it is missing or something else. */
export function textOf(body: Record<string, unknown>, name: string): string {
  const value = body[name];
  return typeof value === 'string' ? value : '';
}
