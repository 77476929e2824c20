import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Response } from 'express';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createEvents } from '../src/http/events.ts';
import { createSignals } from '../src/storage/memory/signals.ts';

const signals = createSignals();
const events = createEvents(signals);
/** What whoever listens is told next; undefined: nothing any more. */
let report: () => Promise<unknown>;
let response: ServerResponse | undefined;
const server = createServer((_request, answer) => {
  response = answer;
  void events.stream(answer as Response, '1', () => report());
});
let listener: Socket;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  listener = connect((server.address() as AddressInfo).port, '127.0.0.1');
  await once(listener, 'connect');
  report = async () => ({ n: 0 });
  listener.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  await once(listener, 'data');
});
afterEach(async () => {
  vi.useRealTimers();
  listener.destroy();
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

/** The clock of the program goes on with each look, and the network has its turn. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) {
    await vi.advanceTimersByTimeAsync(500);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('nothing piles up for whoever does not read, and they are told the latest when they do', async () => {
  listener.pause();
  report = async () => ({ much: 'x'.repeat(4 * 1024 * 1024), at: performance.now() });
  await until(() => {
    signals.changed('1');
    return response?.writableNeedDrain === true;
  });
  let asked = 0;
  report = async () => {
    asked += 1;
    return { latest: asked };
  };
  for (let n = 0; n < 3; n += 1) {
    signals.changed('1');
    await vi.advanceTimersByTimeAsync(60_000);
  }
  expect(asked).toBe(0);
  let read = '';
  listener.on('data', (bytes) => {
    read = (read + bytes).slice(-200);
  });
  listener.resume();
  await until(() => read.includes('{"latest":1}'));
});

test('whoever is told nothing more is not written to, however long the last words take', async () => {
  const ended = vi.spyOn(response as ServerResponse, 'end').mockReturnValue(response as ServerResponse);
  report = async () => undefined;
  await until(() => {
    signals.changed('1');
    return ended.mock.calls.length > 0;
  });
  const written = vi.spyOn(response as ServerResponse, 'write');
  signals.changed('1');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(written).not.toHaveBeenCalled();
  expect(ended).toHaveBeenCalledTimes(1);
});
