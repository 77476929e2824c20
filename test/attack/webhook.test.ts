import { createHmac } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { createIntake } from '../../src/inbox.ts';
import { createSeal } from '../../src/seal.ts';
import { createSources } from '../../src/sources/index.ts';
import { createVerify } from '../../src/sources/ridewithgps/verify.ts';
import type { Source } from '../../src/sources/source.ts';
import type { Taken } from '../../src/storage/inbox.ts';
import type { DeadLetter } from '../../src/storage/sync.ts';
import { type Browser, type Installation, SECRET, startInstallation, webhookUrl } from '../support/slipstream.ts';
import { until } from '../support/until.ts';
import { bodyOf, deliver, notification, sign } from '../support/webhook.ts';
import { heldInBuffers } from './memory.ts';
import { rawRequest, sendRaw, statusesIn } from './raw.ts';

const PATH = '/webhooks/ridewithgps';
const MIB = 1024 * 1024;
/** Much less where nothing else runs. */
const SOON_MS = 30_000;

let here: Installation;
let browser: Browser;
let url: string;
let slow: ReturnType<typeof beginSlowly>;

beforeAll(async () => {
  here = await startInstallation({ connectsWebhooks: false });
  url = webhookUrl(here.app);
  // They take as long as the limits are, so everything else is tried meanwhile.
  slow = beginSlowly();
  browser = await here.connect();
});
afterAll(() => here.close());

const letters = async (): Promise<DeadLetter[]> =>
  (await browser.json<{ items: DeadLetter[] }>('/api/v1/dead-letters')).items;

/** What a good notification leads to, to see that nothing before it is in its way. */
async function expectThatOthersArrive(): Promise<void> {
  const [trip] = here.sandbox.world.items(1, 'trip');
  here.sandbox.forgetRequests();
  expect((await deliver(url, bodyOf(notification({ item_id: trip?.id })))).status).toBe(200);
  await until(() => here.sandbox.count(`/api/v1/trips/${trip?.id}`) > 0, SOON_MS);
}

describe('an empty secret', () => {
  test.each([
    [{ RWGPS_CLIENTS: JSON.stringify([{ api_key: 'k', client_id: 'i', client_secret: '' }]) }, 'RWGPS_CLIENTS'],
    [{ RWGPS_CLIENTS: JSON.stringify([{ api_key: 'k', webhook_secrets: ['good', ' '] }]) }, 'RWGPS_CLIENTS'],
    [{ RWGPS_API_KEY: 'k', RWGPS_WEBHOOK_SECRETS: 'good,' }, 'RWGPS_WEBHOOK_SECRETS'],
  ])('%j keeps Slipstream from starting', (environment, name) => {
    expect(() => readConfig(environment)).toThrow(name);
  });

  test('that got past the configuration is refused where it would be used', () => {
    expect(() => createVerify([{ apiKey: 'k', webhookSecrets: ['good', ''] }])).toThrow(/secret.*k is empty/);
  });

  test('left out leaves a client that nobody can sign for', async () => {
    const other = await startInstallation({
      connectsWebhooks: false,
      env: { RWGPS_CLIENTS: JSON.stringify([{ api_key: 'without-secret', client_id: 'x' }]) },
    });
    const body = bodyOf();
    for (const signature of [createHmac('sha256', '').update(body).digest('hex'), sign(body), '0'.repeat(64), '']) {
      const headers = { 'x-rwgps-api-key': 'without-secret', 'x-rwgps-signature': signature };
      expect((await deliver(webhookUrl(other.app), body, headers)).status).toBe(401);
    }
    await other.close();
  });
});

describe('a signature', () => {
  const body = bodyOf(notification());
  const answerTo = async (signature: string | Buffer) =>
    statusesIn(
      await sendRaw(url, [
        `POST ${PATH} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n`,
        `x-rwgps-api-key: test-key\r\ncontent-length: ${body.length}\r\nx-rwgps-signature: `,
        signature,
        `\r\n\r\n${body}`,
      ]),
    )[0];

  test('with anything before, after or within it is refused, as bytes on the wire', async () => {
    const right = sign(body);
    expect(await answerTo(right)).toBe(200);
    // Spaces around the value are no part of it: HTTP says so, and Node takes them off.
    expect(await answerTo(` \t${right}\t `)).toBe(200);
    const wrong: (string | Buffer)[] = [
      `"${right}"`,
      `0x${right}`,
      `0${right}`,
      `${right}0`,
      `${right};`,
      `${right},`,
      `${right}=`,
      `${right} ${right}`,
      `${right},${right}`,
      `${right.slice(0, 32)} ${right.slice(32)}`,
      right.toUpperCase(),
      right.slice(1),
      right.slice(0, 32),
      Buffer.concat([Buffer.from(right), Buffer.from([0xa0])]),
      Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(right)]),
      Buffer.concat([Buffer.from(right), Buffer.from([0xff, 0xfe])]),
    ];
    for (const signature of wrong) {
      expect([signature.toString('latin1'), await answerTo(signature)]).toEqual([signature.toString('latin1'), 401]);
    }
    // What no header may contain does not even reach the check.
    for (const signature of [`${right}\0`, `\x0b${right}`, `${right}\r`]) expect(await answerTo(signature)).toBe(400);
  });

  test('folded over two lines is refused', async () => {
    const right = sign(body);
    expect(await answerTo(`${right.slice(0, 32)}\r\n ${right.slice(32)}`)).toBe(400);
  });

  test('is of every byte: each one changed, taken away or added is refused', async () => {
    const short = Buffer.from(bodyOf({ user_id: 1 }));
    const signature = sign(short);
    const changed = [...short.keys()].flatMap((at) => [
      Buffer.concat([short.subarray(0, at), Buffer.from([(short[at] ?? 0) ^ 1]), short.subarray(at + 1)]),
      Buffer.concat([short.subarray(0, at), short.subarray(at + 1)]),
      Buffer.concat([short.subarray(0, at), Buffer.from(' '), short.subarray(at)]),
    ]);
    for (const each of changed) {
      const response = await deliver(url, each, { 'x-rwgps-signature': signature });
      expect([each.toString(), response.status]).toEqual([each.toString(), 401]);
    }
    expect((await deliver(url, short, { 'x-rwgps-signature': signature })).status).toBe(200);
  });

  test('of the text is no signature of bytes that are not UTF-8', async () => {
    const bytes = Buffer.concat([Buffer.from('{"notifications":["'), Buffer.from([0xff, 0xc0]), Buffer.from('"]}')]);
    const asText = bytes.toString('utf8');
    expect((await deliver(url, bytes, { 'x-rwgps-signature': sign(asText) })).status).toBe(401);
    expect((await deliver(url, bytes)).status).toBe(200);
    const broken = Buffer.from([0xc3, 0x28, 0xed, 0xa0, 0x80]);
    expect((await deliver(url, broken)).status).toBe(400);
  });
});

describe('a body', () => {
  test('that is compressed is refused before it is unpacked, whichever form was signed', async () => {
    const plain = Buffer.from(bodyOf(notification()));
    for (const [name, packed] of [
      ['gzip', gzipSync(plain)],
      ['deflate', deflateSync(plain)],
      ['br', brotliCompressSync(plain)],
      ['gzip, identity', gzipSync(plain)],
      ['identity, identity', plain],
    ] as const) {
      for (const signature of [sign(plain), sign(packed)]) {
        const headers = { 'content-encoding': name, 'x-rwgps-signature': signature };
        expect([name, (await deliver(url, packed, headers)).status]).toEqual([name, 415]);
      }
    }
    // Not announced: then it is bytes like any other, and no JSON.
    expect((await deliver(url, gzipSync(plain))).status).toBe(400);
  });

  test('in chunks and without a length is taken like any other', async () => {
    const body = bodyOf(notification());
    const headers = [
      'content-type: application/json',
      'x-rwgps-api-key: test-key',
      `x-rwgps-signature: ${sign(body)}`,
      'transfer-encoding: chunked',
      'connection: close',
    ];
    const chunks = [...body].map((letter) => `1\r\n${letter}\r\n`).join('');
    expect(statusesIn(await sendRaw(url, rawRequest(PATH, headers, `${chunks}0\r\n\r\n`)))).toEqual([200]);
    expect(statusesIn(await sendRaw(url, rawRequest(PATH, headers, `${chunks}0\r\nx-late: 1\r\n\r\n`)))).toEqual([200]);
    for (const wrong of [
      `${chunks}g\r\n\r\n`,
      `${chunks}-1\r\n\r\n`,
      `ffffffffffffffffff\r\n`,
      `${chunks}0;\0\r\n\r\n`,
    ])
      expect(statusesIn(await sendRaw(url, rawRequest(PATH, headers, wrong)))).toEqual([400]);
  });

  test('whose length is told twice, or in two ways, is no request at all', async () => {
    const body = bodyOf();
    const signed = [
      'content-type: application/json',
      'x-rwgps-api-key: test-key',
      `x-rwgps-signature: ${sign(body)}`,
      'connection: close',
    ];
    for (const lengths of [
      [`content-length: ${body.length}`, 'transfer-encoding: chunked'],
      [`content-length: ${body.length}`, `content-length: ${body.length + 1}`],
      ['transfer-encoding: chunked, identity'],
      ['content-length: -1'],
      [`content-length: +${body.length}`],
      ['content-length: 1e3'],
    ]) {
      const statuses = statusesIn(await sendRaw(url, rawRequest(PATH, [...signed, ...lengths], body)));
      expect([lengths, statuses]).toEqual([lengths, [400]]);
    }
  });

  test('of somebody who cannot have signed it is not kept in memory while it comes', async () => {
    const claims: Record<string, string[]> = {
      unsigned: [],
      'unknown key': ['x-rwgps-api-key: guessed', `x-rwgps-signature: ${'a'.repeat(64)}`],
      'no signature at all': ['x-rwgps-api-key: test-key', 'x-rwgps-signature: please'],
    };
    const sockets: Socket[] = [];
    const almost = Buffer.alloc(MIB - 1, ' ');
    const received = new Set<Socket>();
    const remember = (message: unknown) => {
      const { request, socket } = message as { request: IncomingMessage; socket: Socket };
      if (Number(request.headers['content-length']) === MIB) received.add(socket);
    };
    subscribe('http.server.request.start', remember);
    const before = heldInBuffers();
    for (const headers of Object.values(claims)) {
      for (let each = 0; each < 8; each += 1) {
        const socket = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => {});
        const announced = ['content-type: application/json', `content-length: ${MIB}`, ...headers];
        socket.write(rawRequest(PATH, announced));
        socket.write(almost);
        sockets.push(socket);
      }
    }
    await until(
      () => received.size === sockets.length && [...received].every(({ bytesRead }) => bytesRead > almost.length),
      SOON_MS,
    );
    unsubscribe('http.server.request.start', remember);
    // 24 MiB were read by now, each request is waiting for its last byte, and nothing of them is kept.
    // What was freed is counted a little later; the server waits longer than this for the last byte.
    await until(() => heldInBuffers() - before < 6 * MIB, 4_000);
    for (const socket of sockets) socket.destroy();
    await expectThatOthersArrive();
  });
});

describe('JSON that was signed and means harm', () => {
  const nested = (depth: number, open: string, close: string) => open.repeat(depth) + close.repeat(depth);

  test.each([
    ['arrays in arrays', nested(400_000, '[', ']')],
    ['objects in objects', `${'{"a":'.repeat(150_000)}1${'}'.repeat(150_000)}`],
    ['a kind that is nested', `{"user_id":1,"action":"x","item_type":${nested(400_000, '[', ']')},"item_id":1}`],
    ['a kind that cannot be written', '{"user_id":1,"action":"x","item_type":{"toString":1},"item_id":1}'],
    ['ids that cannot be written', '{"user_id":{"toString":null,"valueOf":null},"item_id":[[]]}'],
  ])('%s cost themselves, and nothing that comes after them', async (_, element) => {
    const before = (await letters()).length;
    expect((await deliver(url, `{"notifications":[${element}]}`)).status).toBe(200);
    await expectThatOthersArrive();
    await until(async () => (await letters()).length === before + 1, SOON_MS);
    expect((await letters())[0]?.code).toBe('unreadable-notification');
  });

  test('that even our own code trips over costs itself too', async () => {
    const source: Source = {
      ...real(),
      read(value, learntAt, client) {
        if (Array.isArray(value) && value.length === 0) throw new TypeError('a fault of our own');
        return real().read(value, learntAt, client);
      },
    };
    const taken: { notifications: number; codes: string[] }[] = [];
    const inbox = {
      ...here.app.inbox,
      takeNext: async () => ({ deliveries: 0, accounts: [] }),
      take: async (batch: readonly Taken[]) => {
        for (const { notifications, rejections } of batch)
          taken.push({ notifications: notifications.length, codes: rejections.map(({ problem }) => problem.code) });
      },
    };
    const failures: unknown[] = [];
    const intake = createIntake({
      inbox,
      sources: new Map([[source.name, source]]),
      seal: createSeal(['a-key-of-sixteen-letters']),
      onTaken: () => {},
      onError: (error) => failures.push(error),
    });
    await intake.settled();
    for (const [id, value] of [[], [notification()]].entries())
      intake.offer({ id, source, receivedAt: 1, value, client: 'k' });
    await until(() => taken.reduce((sum, each) => sum + each.notifications, 0) === 1, SOON_MS);
    expect(taken.flatMap(({ codes }) => codes)).toEqual(['broken']);
    expect(failures).toHaveLength(1);
    await intake.close();
  });

  test('half a million bad elements are a hundred dead letters and one that counts the rest', async () => {
    const before = (await letters()).length;
    const bad = 500_000;
    const [trip] = here.sandbox.world.items(1, 'trip');
    here.sandbox.forgetRequests();
    const zeros = '0,'.repeat(bad - 1);
    const good = JSON.stringify(notification({ item_id: trip?.id }));
    expect((await deliver(url, `{"notifications":[${zeros}0,${good}]}`)).status).toBe(200);
    await until(() => here.sandbox.count(`/api/v1/trips/${trip?.id}`) > 0, SOON_MS);
    await until(async () => (await letters()).length === before + 101, SOON_MS);
    expect((await letters())[0]?.sentence).toContain(`${bad - 100} more`);
  });

  test('a word of it is shown short, and without what a terminal would obey', async () => {
    const type = `yak\u001b[2J\u0000\u009b${'k'.repeat(900_000)}`;
    expect((await deliver(url, bodyOf(notification({ item_type: type })))).status).toBe(200);
    await here.settled();
    const sentence = (await letters())[0]?.sentence ?? '';
    expect(sentence).toContain('yak');
    expect(sentence.length).toBeLessThan(400);
    expect(sentence).not.toMatch(/\p{Cc}/u);
  });

  test('changes no prototype', async () => {
    const evil = '{"polluted":1,"user_id":1,"item_type":"trip","item_id":1,"action":"updated","ok":true}';
    for (const body of [
      `{"__proto__":${evil},"notifications":[]}`,
      `{"notifications":[{"__proto__":${evil}},{"constructor":{"prototype":${evil}}}]}`,
      `{"constructor":{"prototype":${evil}},"notifications":[${evil.replace('"trip"', '"__proto__"')}]}`,
      `{"notifications":{"__proto__":[],"length":1,"0":${evil}}}`,
    ]) {
      expect([200, 400]).toContain((await deliver(url, body)).status);
      await here.settled();
      expect(Object.keys(Object.prototype)).toEqual([]);
      expect(({} as Record<string, unknown>).polluted).toBeUndefined();
      expect([].length).toBe(0);
    }
    // What is only inherited is not there: no notification came out of `__proto__`.
    expect((await letters()).filter(({ code }) => code === 'unreadable-notification').length).toBeGreaterThan(1);
  });
});

describe('one connection', () => {
  test('may carry several requests at once, answered in their order', async () => {
    const body = bodyOf(notification());
    const one = (signature: string, ...more: string[]) =>
      rawRequest(
        PATH,
        [
          'content-type: application/json',
          'x-rwgps-api-key: test-key',
          `x-rwgps-signature: ${signature}`,
          `content-length: ${body.length}`,
          ...more,
        ],
        body,
      );
    const right = sign(body);
    const answer = await sendRaw(url, [
      one(right),
      one(sign('')),
      one(right),
      one('x'),
      one(right, 'connection: close'),
    ]);
    expect(statusesIn(answer)).toEqual([200, 401, 200, 401, 200]);
  });

  test('with more headers than anybody needs is refused', async () => {
    const many = Array.from({ length: 5_000 }, (_, n) => `x-${n}: ${n}`);
    expect(statusesIn(await sendRaw(url, rawRequest(PATH, many)))).toEqual([431]);
    expect(statusesIn(await sendRaw(url, rawRequest(PATH, [`x-long: ${'x'.repeat(100_000)}`])))).toEqual([431]);
    expect(statusesIn(await sendRaw(url, rawRequest(`/${'x'.repeat(100_000)}`, [])))).toEqual([431]);
  });
});

describe('a sender that takes its time', () => {
  test.each(['says nothing', 'drips headers', 'announces a body', 'drips a body', 'drips chunks'] as const)(
    'and %s is sent away within seconds',
    async (manner) => {
      const { ms, statuses } = await slow[manner];
      expect(ms).toBeLessThan(20_000);
      expect(statuses).toEqual([408]);
    },
    30_000,
  );
});

function real(): Source {
  const [source] = createSources(
    {
      ridewithgps: { baseUrl: 'http://127.0.0.1:9', clients: [], authToken: undefined },
    },
    { subKeys: () => [] },
  ).values();
  if (!source) throw new Error('There is no source.');
  return source;
}

/** Five ways to hold a connection for ever. Each is patient for twice as long as the limits are. */
function beginSlowly() {
  const signed = ['content-type: application/json', 'x-rwgps-api-key: test-key', `x-rwgps-signature: ${sign('x')}`];
  const half = rawRequest(PATH, [...signed, 'content-length: 1000'], '{');
  const chunked = rawRequest(PATH, [...signed, 'transfer-encoding: chunked'], '1\r\n{\r\n');
  return {
    'says nothing': lingering(''),
    'drips headers': lingering(`POST ${PATH} HTTP/1.1\r\nhost: x\r\n`, 'x-a: b\r\n'),
    'announces a body': lingering(half),
    'drips a body': lingering(half, ' '),
    'drips chunks': lingering(chunked, '1\r\n \r\n'),
  };
}

async function lingering(first: string | Buffer, drop?: string): Promise<{ ms: number; statuses: number[] }> {
  const began = Date.now();
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  let answer = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    answer += chunk;
  });
  socket.on('error', () => {});
  if (first.length > 0) socket.write(first);
  const dripping = setInterval(() => drop && socket.write(drop), 300);
  const giveUp = setTimeout(() => socket.destroy(), 25_000);
  await new Promise((resolve) => socket.once('close', resolve));
  clearInterval(dripping);
  clearTimeout(giveUp);
  return { ms: Date.now() - began, statuses: statusesIn(answer) };
}

test('the secret that signs is in no answer', async () => {
  for (const headers of [
    {},
    { 'x-rwgps-signature': 'x' },
    { 'x-rwgps-api-key': 'x' },
    { 'content-type': 'text/html' },
  ]) {
    const text = await (await deliver(url, '{"', headers)).text();
    expect(text).not.toContain(SECRET);
    expect(text).not.toContain(sign('{"'));
  }
});
