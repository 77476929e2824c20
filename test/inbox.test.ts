import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createIntake } from '../src/inbox.ts';
import { createSeal } from '../src/seal.ts';
import { createSources } from '../src/sources/index.ts';
import type { Inbox } from '../src/storage/inbox.ts';
import { openInbox } from '../src/storage/sqlite/inbox.ts';
import { bodyOf, notification } from './support/webhook.ts';

const OWNER = { source: 'ridewithgps', account: '1' } as const;
const sources = createSources(
  { ridewithgps: { baseUrl: 'http://x', clients: [], authToken: undefined } },
  { subKeys: () => [] },
);

let dataDir: string;
let inbox: Inbox;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'slipstream-'));
  inbox = openInbox(dataDir);
});
afterEach(async () => {
  await inbox.close();
  rmSync(dataDir, { recursive: true });
});

test('a delivery whose source is configured no more waits for a person, and nothing waits behind it', async () => {
  const kept = { client: 'key', receivedAt: 1, headers: {} };
  await inbox.keep({ ...kept, source: 'rye', body: Buffer.from('{"id":"1","type":"PRODUCT_UPDATED"}') });
  await inbox.keep({ ...kept, source: 'ridewithgps', body: Buffer.from(bodyOf(notification())) });
  const errors: unknown[] = [];
  const seal = createSeal(['a-key-of-sixteen-letters']);
  const intake = createIntake({ inbox, sources, seal, onTaken: () => {}, onError: (error) => errors.push(error) });
  intake.start();
  await intake.settled();
  await intake.close();

  const claims = await inbox.exchange([], { room: 9, perAccount: 9, now: Date.now() });
  expect(claims.map(({ key }) => `${key.source} ${key.type} ${key.id}`)).toEqual(['ridewithgps trip 7']);
  const letters = await inbox.deadLetters(OWNER, true);
  expect(letters).toMatchObject([{ source: 'rye', code: 'not-configured', kind: 'notification' }]);
  expect(letters[0]?.evidence).toContain('PRODUCT_UPDATED');
  expect(letters[0]?.sentence).toContain('Rye');
  expect(errors).toEqual([]);

  // Configured again it can be read: who replays it gets its bytes and whose secret verified it.
  const answer = await inbox.replay(letters[0]?.id ?? 0, OWNER, true, 2);
  expect(answer).toMatchObject({ kind: 'read-again', source: 'rye', client: 'key' });
});
