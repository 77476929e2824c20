import { expect, test } from 'vitest';
import { createLocks } from '../src/storage/memory/locks.ts';
import { createTokens, type Renewal, type RenewingParts, renewToken, TokenStale } from '../src/tokens.ts';

const REF = { source: 'tradegecko', account: '7067' } as const;

/** Each renewal makes the next token; `asked` has which ones were to be replaced. */
function begin() {
  const clock = { now: 0 };
  const asked: string[] = [];
  const pool = {
    renewToken: async (_: unknown, stale: string): Promise<Renewal> => {
      asked.push(stale);
      return { kind: 'renewed', fingerprint: `${stale}+` };
    },
  };
  const tokens = createTokens({ pool, locks: createLocks(), now: () => clock.now });
  const refused = (fingerprint: string) => tokens.renew(REF, { fingerprint, ranOut: false });
  return { clock, asked, tokens, refused };
}

test('a token that is refused right after its renewal is not renewed again and again', async () => {
  const { clock, asked, refused } = begin();
  expect(await refused('a')).toEqual({ kind: 'renewed', fingerprint: 'a+' });
  clock.now = 59_000;
  expect(await refused('a+')).toEqual({ kind: 'refused' });
  clock.now = 61_000;
  expect(await refused('a+')).toEqual({ kind: 'renewed', fingerprint: 'a++' });
  expect(asked).toEqual(['a', 'a+']);
});

test('one that was taken since its renewal, or has run out by the clock, is renewed however lately that was', async () => {
  const { tokens, refused } = begin();
  await refused('a');
  tokens.worked(REF);
  expect(await refused('a+')).toEqual({ kind: 'renewed', fingerprint: 'a++' });
  expect(await tokens.renew(REF, { fingerprint: 'a++', ranOut: true })).toMatchObject({ kind: 'renewed' });
});

test('a list that was answered shows that the token is taken; one that was not shows nothing', async () => {
  for (const [kind, expected] of [
    ['changes', 'renewed'],
    ['unanswered', 'refused'],
  ] as const) {
    const { tokens, refused } = begin();
    const answers = [{ kind: 'stale-token', fingerprint: 'a', ranOut: false } as const, { kind }];
    const ask = tokens.fresh(async () => answers.shift() ?? { kind });
    expect(await ask(REF)).toEqual({ kind });
    expect(await refused('a+')).toMatchObject({ kind: expected });
  }
});

test('where the disk would not take the new token, the old one is not used up', async () => {
  const renewed: string[] = [];
  const full = Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
  const parts: RenewingParts = {
    accounts: { sealedToken: async () => Buffer.from('old') } as never,
    sources: new Map([['tradegecko', { renewal: { renew: async (token: string) => renewed.push(token) } }]]) as never,
    seal: { open: (sealed: Buffer) => sealed.toString(), seal: (text: string) => Buffer.from(text) } as never,
    writer: { renew: () => Promise.reject(full) },
  };
  const { fingerprint } = new TokenStale('old', true);
  expect(await renewToken(parts, REF, fingerprint)).toEqual({ kind: 'unanswered', reason: full.message });
  expect(renewed).toEqual([]);
});

test('whoever finds out at the same time gets the same renewal', async () => {
  const { asked, refused } = begin();
  const renewed = { kind: 'renewed', fingerprint: 'a+' };
  expect(await Promise.all([refused('a'), refused('a')])).toEqual([renewed, renewed]);
  expect(asked).toEqual(['a']);
});

test('a question that is refused with the token that was just renewed is not asked for ever', async () => {
  const { tokens, asked } = begin();
  let fingerprint = 'a';
  const ask = tokens.fresh(async () => {
    const stale = { kind: 'stale-token', fingerprint, ranOut: false } as const;
    fingerprint += '+';
    return stale;
  });
  expect(await ask(REF)).toEqual({ kind: 'unauthorized' });
  expect(asked).toEqual(['a']);
});
