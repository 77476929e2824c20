import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { build } from 'vite';
import { type Assets, readAssets } from '../../src/web/assets.ts';

/** What the pages are promised to live with: nothing inline, nothing from elsewhere. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const TYPES: Record<string, string> = {
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

export interface Site {
  url: string;
  /** Sends an event to every page that listens at `/sync/events`. */
  tell(report: unknown): void;
  close(): Promise<void>;
}

/** Makes the answer to a path: a page as text, or a track as an object; undefined is 404. */
export type Answers = (path: string, assets: Assets) => string | object | undefined;

/** Builds the client from the sources as they are now and serves `answers` beside it, under the strict policy. */
export async function serveSite(answers: Answers): Promise<Site> {
  const outDir = mkdtempSync(join(tmpdir(), 'slipstream-client-'));
  await build({ logLevel: 'error', build: { outDir, emptyOutDir: true } });
  const assets = readAssets(outDir);
  const listeners = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    response.setHeader('content-security-policy', POLICY);
    response.setHeader('x-content-type-options', 'nosniff');
    if (path === '/sync/events') {
      listeners.add(response.writeHead(200, { 'content-type': 'text/event-stream' }));
      response.write(':\n\n');
      return;
    }
    if (path.startsWith('/assets/')) {
      response.setHeader('content-type', TYPES[extname(path)] ?? 'application/octet-stream');
      response.end(readFileSync(join(outDir, path)));
      return;
    }
    const answer = answers(path, assets);
    response.statusCode = answer === undefined ? 404 : 200;
    response.setHeader('content-type', typeof answer === 'object' ? 'application/json' : 'text/html; charset=utf-8');
    response.end(typeof answer === 'object' ? JSON.stringify(answer) : answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tell: (report) => {
      for (const listener of listeners) listener.write(`data: ${JSON.stringify(report)}\n\n`);
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(outDir, { recursive: true });
    },
  };
}
