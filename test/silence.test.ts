import { expect, test } from 'vitest';
import { createSilence, type Revived } from '../src/silence.ts';
import { createBoard } from '../src/storage/memory/board.ts';
import { createLocks } from '../src/storage/memory/locks.ts';
import { createTokens } from '../src/tokens.ts';

const REF = { source: 'pryv', account: 'alice.pryv.me' } as const;
const MINUTE = 60_000;

/** Its clock stands at an hour; `answers` are the provider's, in their order. */
function begin(lastWebhookAt: number | null, ...answers: Revived[]) {
  const heard = { lastWebhookAt };
  const said: string[] = [];
  const pool = {
    renewToken: () => Promise.reject(new Error('not asked')),
    reviveWebhook: async (): Promise<Revived> => {
      said.push('asked');
      return answers.shift() ?? { kind: 'sends' };
    },
  };
  const now = () => 60 * MINUTE;
  const silence = createSilence({
    inbox: { lastWebhookAt: async () => heard.lastWebhookAt },
    pool,
    sources: new Map([
      ['pryv', { reviveWebhook: async () => ({ kind: 'sends' }) }],
      ['ridewithgps', {}],
    ]),
    tokens: createTokens({ pool, locks: createLocks(), now }),
    board: createBoard(),
    now,
    onRevived: () => said.push('revived'),
  });
  const listen = (...at: number[]) => silence.listen(REF, at.map(changed), 0);
  return { silence, listen, heard, said };
}

const changed = (happenedAt: number) => ({
  type: 'event',
  id: String(happenedAt),
  action: 'changed',
  happenedAt,
  announcesDeletion: false,
});

test('a change that is fresh, or older than the last webhook, says nothing', async () => {
  const { listen, said } = begin(50 * MINUTE);
  expect(await listen()).toBe(false);
  expect(await listen(40 * MINUTE, 50 * MINUTE, 59 * MINUTE)).toBe(false);
  expect(said).toEqual([]);
});

test('one that should have been announced has the webhook looked after', async () => {
  const { listen, said, silence } = begin(50 * MINUTE, { kind: 'revived' });
  expect(await listen(55 * MINUTE)).toBe(true);
  expect(said).toEqual(['asked', 'revived']);
  expect(silence.trouble(REF)).toBeUndefined();
  expect(await listen()).toBe(false);
  expect(said).toHaveLength(2);
});

test('while nobody answered it is asked again, and what a person can do is told until a webhook comes', async () => {
  const { listen, silence, said, heard } = begin(
    50 * MINUTE,
    { kind: 'unanswered', reason: 'It did not answer.' },
    { kind: 'unknown', sentence: 'Look there.' },
  );
  await listen(57 * MINUTE, 55 * MINUTE);
  expect(silence.trouble(REF)).toBeUndefined();
  await listen();
  expect(silence.trouble(REF)).toEqual({ since: 55 * MINUTE, reason: 'Look there.' });
  expect(said).toEqual(['asked', 'asked']);
  heard.lastWebhookAt = 58 * MINUTE;
  await listen();
  expect(silence.trouble(REF)).toBeUndefined();
  expect(said).toHaveLength(2);
});

test('who never had a webhook is not told that there is none', async () => {
  const { listen, silence, said } = begin(null, { kind: 'unknown', sentence: 'Register it.' });
  await listen(55 * MINUTE);
  expect(said).toEqual(['asked']);
  expect(silence.trouble(REF)).toBeUndefined();
});

test('a source whose webhooks never stop is not asked', async () => {
  const { silence, said } = begin(50 * MINUTE);
  expect(await silence.listen({ source: 'ridewithgps', account: '1' }, [changed(55 * MINUTE)], 0)).toBe(false);
  expect(said).toEqual([]);
});
