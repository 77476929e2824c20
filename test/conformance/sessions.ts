import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AccountWriter } from '../../src/storage/accounts.ts';
import type { SessionReader, SessionWriter } from '../../src/storage/sessions.ts';

export interface SessionsUnderTest {
  accountWriter: AccountWriter;
  sessions: SessionReader;
  sessionWriter: SessionWriter;
  close(): Promise<void>;
}

const NOON = Date.parse('2026-06-01T12:00:00Z');
const MINUTE_MS = 60_000;
const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** Who is looking, over one storage: what lets somebody in, and until when. */
export function sessionsSuite(name: string, open: () => Promise<SessionsUnderTest>, forget: () => Promise<void>): void {
  describe(`sessions in ${name}`, () => {
    let mirror: SessionsUnderTest;
    let robin: number;
    let kim: number;
    beforeEach(async () => {
      mirror = await open();
      robin = await connect('1');
      kim = await connect('2');
    });
    afterEach(async () => {
      await mirror.close();
      await forget();
    });

    async function connect(account: string): Promise<number> {
      const said = { source: 'ridewithgps', account, name: account, client: '', tokenKind: 'bearer' } as const;
      return (await mirror.accountWriter.connect({ ...said, connectedAt: NOON, sealedToken: Buffer.from('sealed') }))
        .id;
    }

    test('a session lets its account in until it expires or is ended', async () => {
      const { sessions, sessionWriter } = mirror;
      await sessionWriter.open(hashOf('a'), robin, NOON, NOON + MINUTE_MS);
      await sessionWriter.open(hashOf('b'), kim, NOON, NOON + 2 * MINUTE_MS);
      expect(await sessions.accountOfSession(hashOf('a'), NOON + MINUTE_MS - 1)).toBe(robin);
      expect(await sessions.accountOfSession(hashOf('a'), NOON + MINUTE_MS)).toBeUndefined();
      expect(await sessions.accountOfSession(hashOf('b'), NOON + MINUTE_MS)).toBe(kim);
      await sessionWriter.end(hashOf('b'));
      expect(await sessions.accountOfSession(hashOf('b'), NOON)).toBeUndefined();
    });

    test('a session that has expired is forgotten when another one is opened', async () => {
      const { sessions, sessionWriter } = mirror;
      await sessionWriter.open(hashOf('a'), robin, NOON, NOON + MINUTE_MS);
      await sessionWriter.open(hashOf('b'), robin, NOON + MINUTE_MS, NOON + 2 * MINUTE_MS);
      expect(await sessions.accountOfSession(hashOf('a'), NOON)).toBeUndefined();
    });

    test('a login link works once, and not after it has expired', async () => {
      const { sessionWriter } = mirror;
      await sessionWriter.addLoginLink(hashOf('a'), robin, NOON + MINUTE_MS);
      await sessionWriter.addLoginLink(hashOf('b'), robin, NOON + MINUTE_MS);
      expect(await sessionWriter.useLoginLink(hashOf('a'), NOON + MINUTE_MS - 1)).toBe(robin);
      expect(await sessionWriter.useLoginLink(hashOf('a'), NOON)).toBeUndefined();
      expect(await sessionWriter.useLoginLink(hashOf('b'), NOON + MINUTE_MS)).toBeUndefined();
    });

    test('a personal token is revoked by its owner only', async () => {
      const { sessions, sessionWriter } = mirror;
      const token = await sessionWriter.addToken(robin, 'watch', hashOf('a'), NOON);
      expect(await sessions.tokens(robin)).toEqual([{ id: token.id, name: 'watch', createdAt: NOON }]);
      expect(await sessions.tokens(kim)).toEqual([]);
      expect(await sessionWriter.revokeToken(kim, token.id)).toBe(false);
      expect(await sessions.accountOfToken(hashOf('a'))).toBe(robin);
      expect(await sessionWriter.revokeToken(robin, token.id)).toBe(true);
      expect(await sessions.accountOfToken(hashOf('a'))).toBeUndefined();
    });
  });
}
