import { expect, test } from 'vitest';
import { runsPage } from '../../src/web/runs.ts';
import { frame, run, runs } from './fixtures.ts';

type Found = Parameters<typeof run>[0];

const AN_HOUR = { began_at: '2026-07-03T14:00:00.000Z', ended_at: '2026-07-03T15:00:00.000Z' };
const DIFFERENT = { missing_here: 1, missing_there: 2, older_here: 0, pins_differ: true };

test.each<[Found, string]>([
  [{ found: 0 }, 'Nothing missed.'],
  [{ found: 0, times: 4, ...AN_HOUR }, 'Checked 4 times within 1 hour, nothing missed.'],
  [{ found: 1, unannounced: null }, '1 change to fetch.'],
  [{ found: 3, unannounced: 0 }, '3 changes to fetch, announced by webhook too.'],
  [{ found: 3, unannounced: 3 }, '3 changes to fetch, announced by no webhook.'],
  [{ found: 3, unannounced: 1 }, '3 changes to fetch, 1 of them announced by no webhook.'],
  [{ kind: 'backfill', found: 1 }, '1 item to copy.'],
  [{ kind: 'audit', found: 0, compared: 1247 }, '1,247 compared, 0 differences.'],
  [
    { kind: 'audit', found: 4, compared: 9, differences: DIFFERENT },
    '9 compared, 4 differences: 1 missing here, 2 gone at Ride With GPS, the pinned ones differ. Fetched again.',
  ],
  [{ failed: 'It answered 502.' }, 'Did not succeed. It answered 502.'],
  [{ failed: 'It answered 502.', times: 5, ...AN_HOUR }, 'Did not succeed 5 times within 1 hour. It answered 502.'],
])('a check of %j is told in whole sentences', (found, sentence) => {
  expect(runsPage(frame(), runs(run(found)))).toContain(`<p>${sentence}</p>`);
});
