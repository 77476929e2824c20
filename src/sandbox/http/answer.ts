import type { Segment } from '../world/tracks.ts';

/** What a request gets, before faults and compression have their say. */
export interface Answer {
  status: number;
  headers?: Record<string, string>;
  type?: string;
  /** Joined, these are the body; shared pieces keep their compressed form. */
  segments?: Segment[];
  /** An error's text: the shape of the body depends on a fault switch. */
  error?: string;
}

const text = (body: string): Segment[] => [{ bytes: Buffer.from(body) }];

export const json = (value: unknown, status = 200): Answer => ({ status, segments: text(JSON.stringify(value)) });
export const raw = (body: string, type: string, status = 200): Answer => ({ status, type, segments: text(body) });
export const bytes = (body: Buffer, type: string): Answer => ({ status: 200, type, segments: [{ bytes: body }] });
export const page = (html: string, status = 200): Answer => raw(html, 'text/html; charset=utf-8', status);
export const empty = (status: number): Answer => ({ status });
export const failed = (status: number, error: string): Answer => ({ status, error });
/** 303: whatever the request was, the next one is a GET. */
export const goTo = (location: string): Answer => ({ status: 303, headers: { location } });

export const notFound = (what = 'Record'): Answer => failed(404, `${what} not found`);
