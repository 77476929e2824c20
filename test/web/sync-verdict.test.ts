import { expect, test } from 'vitest';
import { inWords } from '../../src/web/schedule.ts';
import { copySpeed, glance, type SyncSituation, verdict } from '../../src/web/sync-verdict.ts';
import { COPYING, health, NOW, queue, sync } from './fixtures.ts';

function situation(changes: Partial<SyncSituation> = {}): SyncSituation {
  return { sync: sync(), queue: queue(), reconcileCron: '*/15 * * * *', now: NOW, ...changes };
}

test('all is well, with the proof', () => {
  expect(verdict(situation())).toEqual({
    tone: 'good',
    sentence: '1,247 of 1,247 verified 9\u00a0hours\u00a0ago, 0 differences.',
    meaning: 'Everything that changed since then is here, as of 4 minutes ago. Changes arrive within seconds.',
    at: '2026-07-05T03:00:12Z',
  });
  expect(verdict(situation({ sync: sync({ last_audit: null }) })).sentence).toBe('All is well as of 4 minutes ago.');
});

test('what is known not to be so turns it amber, and says what it means', () => {
  const different = sync({ last_audit: { at: '2026-07-05T03:00:12Z', compared: 1247, different: 2 } });
  expect(verdict(situation({ sync: different }))).toMatchObject({
    tone: 'attention',
    sentence: '1,245 of 1,247 verified 9\u00a0hours\u00a0ago, 2 differences.',
  });
  const overdue = sync({ overdue: { changes: 1, since: '2026-07-05T11:40:00.000Z' } });
  expect(verdict(situation({ sync: overdue }))).toMatchObject({
    tone: 'attention',
    sentence: '1 change could not be fetched yet.',
    at: '2026-07-05T11:40:00.000Z',
  });
  expect(glance(overdue, queue(), NOW)).toEqual({ tone: 'attention', words: '1 change overdue' });
});

test('a provider that went quiet is said to have, since when, and what to look at', () => {
  const silent = sync({ webhooks: health({ quiet: { since: '2026-07-03T09:12:00.000Z', changes: 4 } }) });
  const found = verdict(situation({ sync: silent }));
  expect(found.tone).toBe('attention');
  expect(found.sentence).toBe('Ride With GPS stopped announcing changes 2 days ago.');
  expect(found.meaning).toMatch(/last 4 were found by checking, every 15 minutes\. Nothing is lost.*webhook URL/);
  expect(glance(silent, queue(), NOW)).toEqual({ tone: 'attention', words: 'Webhooks are quiet' });
});

test('the speed of a backfill is told as people count', () => {
  const at = (rate: number | null) => copySpeed(sync({ backfill: { done: 1, total: 9, rate, seconds_left: null } }));
  expect([at(null), at(0), at(0.4), at(4.13), at(41.3)]).toEqual([
    '',
    '',
    '24 a minute',
    '4.1 a second',
    '41 a second',
  ]);
});

test('a provider that has not answered for four rounds is mentioned, with what it means', () => {
  const late = verdict(situation({ sync: sync({ last_reconciled_at: '2026-07-05T10:30:00Z' }) }));
  expect(late.tone).toBe('attention');
  expect(late.sentence).toBe('Ride With GPS last answered us 2 hours ago.');
  expect(late.meaning).toContain('Nothing is lost.');
});

test('whoever switched reconciliation off is not warned that it does not run', () => {
  expect(
    verdict(situation({ reconcileCron: 'off', sync: sync({ last_reconciled_at: '2026-06-01T10:30:00Z' }) })).tone,
  ).toBe('good');
});

test('what needs a person comes before what needs none', () => {
  const copying = { sync: sync(COPYING), queue: queue({ pending: 900, dead: 1 }) };
  expect(verdict(situation({ ...copying, sync: sync({ ...COPYING, held: 3 }) })).sentence).toBe(
    '3 deletions wait for your word.',
  );
  expect(verdict(situation(copying)).sentence).toBe('Copying your library.');
  expect(verdict(situation({ queue: queue({ dead: 1 }) })).sentence).toBe('1 change needs you.');
  expect(
    verdict(situation({ ...copying, sync: sync({ ...COPYING, held: 3, state: 'reconnect' }) })).sentence,
  ).toContain('no longer lets us in');
});

test('a backfill whose last items were set aside is not said to run for ever', () => {
  const stuck = sync({ backfill: { done: 1246, total: 1247, rate: null, seconds_left: null } });
  expect(verdict(situation({ sync: stuck, queue: queue({ dead: 1 }) })).sentence).toBe('1 change needs you.');
});

test('the frame says how many were verified, and when', () => {
  expect(glance(sync(), queue(), NOW)).toEqual({
    tone: 'good',
    words: '1,247 of 1,247 verified 9 hours ago',
    since: { at: sync().last_audit?.at, words: '1,247 of 1,247 verified {0}' },
  });
  expect(
    glance(sync({ last_audit: { at: '2026-07-05T03:00:00Z', compared: 1247, different: 2 } }), queue(), NOW),
  ).toMatchObject({
    tone: 'attention',
    words: '1,245 of 1,247 verified 9 hours ago',
  });
  expect(glance(sync(), queue({ dead: 2 }), NOW)).toEqual({ tone: 'attention', words: '2 changes need you' });
  expect(glance(sync({ held: 2 }), queue(), NOW)).toEqual({ tone: 'attention', words: '2 deletions held' });
  expect(glance(sync(COPYING), queue({ pending: 930 }), NOW)).toEqual({ tone: 'busy', words: '312 of 1,247 copied' });
});

test('schedules are read aloud as far as they are the usual ones', () => {
  expect(['*/15 * * * *', '0 3 * * *', '30 * * * *', 'off', '0 3 * * 1'].map(inWords)).toEqual([
    'every 15 minutes',
    'every day at 03:00 UTC',
    'every hour',
    'only when you ask',
    'on the schedule 0 3 * * 1 (UTC)',
  ]);
});
