import { expect, test } from 'vitest';
import { createLocks } from '../src/storage/memory/locks.ts';
import { createTokens, type Renewal } from '../src/tokens.ts';

const ROBIN = { source: 'tradegecko', account: '1' } as const;

/** A provider that renews whatever it is asked to renew: `first` becomes `first+`. */
function renewing() {
  const asked: string[] = [];
  let now = 1_000_000;
  const renewToken = async (_: unknown, stale: string): Promise<Renewal> => {
    asked.push(stale);
    return { kind: 'renewed', fingerprint: `${stale}+` };
  };
  const tokens = createTokens({ pool: { renewToken }, locks: createLocks(), now: () => now });
  const later = (ms: number): void => {
    now += ms;
  };
  return { asked, tokens, later };
}

test('whoever finds out at the same time gets the same renewal', async () => {
  const { asked, tokens } = renewing();
  const renewals = await Promise.all([tokens.renew(ROBIN, 'first'), tokens.renew(ROBIN, 'first')]);
  expect(renewals).toEqual([
    { kind: 'renewed', fingerprint: 'first+' },
    { kind: 'renewed', fingerprint: 'first+' },
  ]);
  expect(asked).toEqual(['first']);
});

test('a token that is refused within a minute of its renewal is refused for good, and one that is refused later is renewed', async () => {
  const { asked, tokens, later } = renewing();
  await tokens.renew(ROBIN, 'first');
  later(59_999);
  expect(await tokens.renew(ROBIN, 'first+')).toEqual({ kind: 'refused' });
  expect(asked).toEqual(['first']);
  later(1);
  expect(await tokens.renew(ROBIN, 'first+')).toEqual({ kind: 'renewed', fingerprint: 'first++' });
});

test('a question that is refused with the token that was just renewed is not asked for ever', async () => {
  const { asked, tokens } = renewing();
  let fingerprint = 'first';
  const ask = tokens.fresh(async () => {
    const stale = { kind: 'stale-token', fingerprint } as const;
    fingerprint += '+';
    return stale;
  });
  expect(await ask(ROBIN)).toEqual({ kind: 'unauthorized' });
  expect(asked).toEqual(['first']);
});
