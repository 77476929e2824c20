import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Fetch, Standing } from '../src/storage/items.ts';
import { readRideAddress } from '../src/web/ride-address.ts';
import { lagInWords, OUTCOMES } from '../src/web/why-events.ts';
import { type Why, whyOf } from '../src/web/why-verdict.ts';
import type { WhyFacts } from '../src/why.ts';
import { createProgram } from './cli/program.ts';
import { type Browser, type Installation, startInstallation } from './support/slipstream.ts';
import { until } from './support/until.ts';
import { bodyOf, deliver, notification } from './support/webhook.ts';
import { queue, sync } from './web/fixtures.ts';

const NOW = Date.parse('2026-07-05T12:00:00Z');
const at = (time: string) => Date.parse(`2026-07-04T${time}Z`);

const standing = (over: Partial<Standing> = {}): Standing => ({
  hasBody: true,
  owned: true,
  pinned: false,
  fetchedAt: at('10:41:02'),
  refusedAt: null,
  missingAt: null,
  heldAt: null,
  keptAt: null,
  deletedAt: null,
  ...over,
});

const fetched = (over: Partial<Fetch> = {}): Fetch => ({
  origin: 'webhook',
  action: 'created',
  notifications: 1,
  firstLearntAt: at('10:41:00'),
  webhook: { first: at('10:41:00'), last: at('10:41:00') },
  claimedAt: at('10:41:01'),
  finishedAt: at('10:41:01.800'),
  outcome: 'created',
  detail: '',
  ...over,
});

type Known = WhyFacts['known'];
type Task = NonNullable<Known['task']>;

const task = (over: Partial<Task> = {}): Task => ({
  state: 'pending',
  origin: 'webhook',
  action: 'updated',
  notifications: 1,
  firstLearntAt: NOW - 5_000,
  lastLearntAt: NOW - 5_000,
  webhook: { first: NOW - 5_000, last: NOW - 5_000 },
  dueAt: NOW - 5_000,
  claimedAt: null,
  attempts: 0,
  lastError: null,
  owesOneMore: false,
  ...over,
});

/** Nothing is known of the trip, and all is well otherwise. */
const absent = (over: Partial<Omit<WhyFacts, 'known'>> & { known?: Partial<Known> } = {}): WhyFacts => ({
  type: 'trip',
  id: '123',
  now: NOW,
  account: { state: 'active', tokenKind: 'bearer', connectedAt: at('08:00:00') },
  sync: sync(),
  queue: queue(),
  item: null,
  standing: undefined,
  fetches: [],
  ...over,
  known: { task: undefined, letter: undefined, findings: [], pausedUntil: 0, parked: null, ...over.known },
});

const here = (over: Parameters<typeof absent>[0] = {}): WhyFacts =>
  absent({
    item: { name: 'A ride', state: 'active', owned: true },
    standing: standing(),
    fetches: [fetched()],
    ...over,
  });

const account = (state: 'reconnect' | 'disconnected') => ({ ...absent().account, state });
const sentence = (facts: WhyFacts): string => whyOf(facts).verdict.sentence;
const said = (facts: WhyFacts): string => Object.values(whyOf(facts).verdict).join(' | ');

describe('the verdict', () => {
  test('of what is here says since when, and how long after the webhook', () => {
    expect(said(here())).toMatch(
      /^good \| It is here: copied 4 July 2026 at 10:41 UTC, 1\.8\u202fs after the webhook\./,
    );
    const found = fetched({ origin: 'reconciliation', webhook: null });
    expect(sentence(here({ fetches: [found] }))).toMatch(/10:41 UTC, found by reconciliation\.$/);
    expect(sentence(here({ fetches: [fetched({ outcome: 'unchanged' })] }))).toMatch(
      /^It is here: fetched last 4 July/,
    );
    const later = here({ standing: standing({ fetchedAt: at('20:00:00') }) });
    expect(whyOf(later).verdict.meaning).toBe('Looked at last on 4 July 2026 at 20:00 UTC: the same.');
  });

  test('of what nobody spoke of says up to when nobody did', () => {
    expect(sentence(absent())).toBe(
      'Ride With GPS has not told us of it: no webhook and no list had it up to 5 July 2026 at 11:56 UTC.',
    );
    expect(sentence(absent({ sync: sync({ mode: 'polling' }) }))).toMatch(/: no list had it up to/);
    const trouble = { since: '2026-07-05T11:00:00Z', reason: 'It answered 502.' };
    expect(said(absent({ sync: sync({ trouble }) }))).toMatch(
      /^attention .*Since 5 July 2026 at 11:00 UTC it could not.*502/,
    );
    expect(sentence(absent({ sync: sync({ cursor: null }) }))).toBe('Your library is still being listed.');
  });

  const WORDS: [what: string, facts: WhyFacts, words: RegExp][] = [
    [
      'deleted',
      here({ item: { name: '', state: 'deleted', owned: true }, standing: standing({ deletedAt: at('11:00:00') }) }),
      /^quiet \| It was deleted at Ride With GPS; seen here on 4 July 2026 at 11:00 UTC\. \| The last version stays/,
    ],
    [
      'another rider’s and not pinned',
      here({ item: { name: '', state: 'hidden', owned: false } }),
      /It belongs to another rider, and you have not pinned it/,
    ],
    ['hidden though one’s own', here({ item: { name: '', state: 'hidden', owned: true } }), /does not show it to you/],
    [
      'missing',
      here({ standing: standing({ missingAt: at('11:00:00') }) }),
      /did not have it on 4 July.*asked again before/,
    ],
    [
      'missing, and to be asked about again',
      here({ standing: standing({ missingAt: NOW - 1_000 }), known: { task: task({ dueAt: NOW + 59_000 }) } }),
      /^attention \| It is here, but Ride With GPS did not have it on 5 July.*asked again before/,
    ],
    [
      'set aside, and asked for again',
      here({ known: { task: task(), letter: { code: 'x', sentence: 'Too large.', at: NOW - 9_000 } } }),
      /^busy \| It is here, and is looked at again: it is in the queue/,
    ],
    ['held', here({ standing: standing({ heldAt: at('11:00:00') }) }), /did not have it any more.*waits for your word/],
    ['kept', here({ standing: standing({ keptAt: at('11:00:00') }) }), /It is here because you keep it/],
    [
      'here, of a disconnected account',
      here({ account: account('disconnected') }),
      /^attention \| It is here.*disconnected/,
    ],
    [
      'here, and the token is refused',
      here({ account: account('reconnect') }),
      /It is here.*wait until you connect again/,
    ],
    [
      'absent, of a disconnected account',
      absent({ account: account('disconnected') }),
      /not here: this account is disconn/,
    ],
    ['absent, and the token is refused', absent({ account: account('reconnect') }), /not here: .*no longer lets us in/],
    [
      'waiting for its account',
      absent({ known: { task: task(), parked: 'Refused.' } }),
      /waits because the account must con/,
    ],
    [
      'waiting for its account, which says so itself',
      absent({ account: account('reconnect'), known: { task: task() } }),
      /waits because the account must connect/,
    ],
    ['in the queue', absent({ known: { task: task() } }), /^busy \| It is on its way: it is in the queue/],
    ['being fetched', absent({ known: { task: task({ state: 'active' }) } }), /being fetched at this moment/],
    [
      'here and being fetched',
      here({ known: { task: task({ state: 'active' }) } }),
      /^busy \| It is here, and is looked at/,
    ],
    [
      'waiting for the provider',
      absent({ known: { task: task(), pausedUntil: NOW + 90_000 } }),
      /asked us to slow down.*in 2 minutes/,
    ],
    [
      'failing',
      absent({
        known: { task: task({ attempts: 3, dueAt: NOW + 60_000, lastError: 'It answered 502.\nHTTP 502\n<html>' }) },
      }),
      /^attention \| It could not be fetched yet\. \| It answered 502\. It is tried again in 1 minute\.$/,
    ],
    [
      'set aside',
      absent({
        known: { task: task({ state: 'dead' }), letter: { code: 'x', sentence: 'Trip 123 is too large.', at: NOW } },
      }),
      /It could not be copied, and needs you\. \| Trip 123 is too large/,
    ],
    [
      'here, and its change set aside',
      here({ known: { letter: { code: 'x', sentence: 'Too large.', at: NOW } } }),
      /It is here, but its latest change is not/,
    ],
    [
      'not there for this rider',
      absent({ standing: standing({ hasBody: false }), fetches: [fetched({ outcome: 'never seen, gone' })] }),
      /says there is no such trip, or it is not yours to see/,
    ],
    [
      'not shown to this rider',
      absent({ fetches: [fetched({ outcome: 'never seen, not visible' })] }),
      /does not show this trip/,
    ],
    ['pinned and never copied', absent({ standing: standing({ hasBody: false, pinned: true }) }), /You pinned it, but/],
    [
      'asked for, without success and without a task',
      absent({ fetches: [fetched({ outcome: 'provider-down', detail: 'It answered 500.' })] }),
      /It was asked for and is not here\. \| It answered 500\./,
    ],
  ];

  test.each(WORDS)('of what is %s says so', (_, facts, words) => {
    expect(said(facts)).toMatch(words);
    expect(said(facts)).not.toMatch(/undefined|NaN|Invalid| {2}/);
  });
});

describe('the line of events', () => {
  const lines = (facts: WhyFacts) =>
    whyOf(facts).events.map((event) => `${event.kind}: ${event.what}${lagInWords(event) && `, ${lagInWords(event)}`}`);

  test('goes from the webhook by way of the question to the copy, each with its lag', () => {
    expect(lines(here())).toEqual([
      'learnt: A webhook told of it (“created”)',
      'asked: Slipstream asked Ride With GPS for it, 1.0\u202fs later',
      'answered: Copied for the first time, 800\u202fms later',
    ]);
    expect(whyOf(here()).events[0]).toMatchObject({ at: '2026-07-04T10:41:00.000Z', after_ms: null });
  });

  test('has a word for each outcome that is ever put on record', () => {
    const text = (path: string) => readFileSync(join(import.meta.dirname, '../src', path), 'utf8');
    const matches = (from: string, pattern: RegExp) => [...from.matchAll(pattern)].map(([, word = '']) => word);
    const applied = matches(text('mirror.ts'), /outcome: (?:gone \? )?'([^']+)'/g);
    const others = matches(text('mirror.ts'), /outcome: gone \? '[^']+' : '([^']+)'/g);
    const kept = matches(/type KeepOutcome = ([^;]+)/.exec(text('storage/items.ts'))?.[1] ?? '', /'([^']+)'/g);
    const outcome = /export type Outcome =([\s\S]*?);\n\n/.exec(text('worker.ts'))?.[1] ?? '';
    const notRecorded = ['applied', 'nobody', 'confirm', 'storage-down'];
    const failures = matches(outcome, /kind: '([^']+)'/g).filter((kind) => !notRecorded.includes(kind));
    const all = [...applied, ...others, ...kept, ...failures];
    expect(all.length).toBeGreaterThan(18);
    expect(all).toEqual(
      expect.arrayContaining(['tombstoned', 'still gone', 'never seen, not visible', 'stale', 'broken']),
    );
    expect(all.filter((word) => !(word in OUTCOMES))).toEqual([]);
    for (const word of all) {
      const [last = ''] = lines(here({ fetches: [fetched({ outcome: word })] })).slice(-1);
      expect(last).toContain(OUTCOMES[word]?.what);
    }
  });

  test('says why a fetch failed in the words of the failure', () => {
    const events = whyOf(
      absent({ fetches: [fetched({ outcome: 'failed', detail: 'Trip 123 is too large.' })] }),
    ).events;
    expect(events.at(-1)).toMatchObject({ attention: true, meaning: 'Trip 123 is too large.' });
    expect(whyOf(absent({ fetches: [fetched({ outcome: 'a new word' })] })).events.at(-1)?.what).toMatch(
      /“a new word”/,
    );
  });

  test.each([
    ['reconciliation', 'updated', 'Reconciliation found it (“updated”)'],
    ['backfill', 'created', 'Found when your library was listed'],
    ['audit', 'differs', 'An audit found that the copy differs'],
    ['person', 'asked for', 'You asked for it to be fetched again'],
    ['person', 'replayed', 'You had it tried again'],
    ['follow-up', 'pinned', 'You pinned it'],
    ['follow-up', 'changed for its owner', 'It changed for its owner'],
    ['later versions', 'x', 'Learnt of it (“x”)'],
  ])('tells what a %s (%s) is', (origin, action, what) => {
    expect(lines(here({ fetches: [fetched({ origin, action, webhook: null })] }))[0]).toBe(`learnt: ${what}`);
  });

  test('tells of a webhook that came to what had been found otherwise', () => {
    const both = fetched({
      origin: 'audit',
      webhook: { first: at('10:41:00.500'), last: at('10:41:00.900') },
      notifications: 3,
    });
    const [first, second] = whyOf(here({ fetches: [both] })).events;
    expect(first?.what).toMatch(/^An audit/);
    expect(second).toMatchObject({ what: 'A webhook told of it', meaning: 'Together with 2 more notifications.' });
  });

  test('tells once what several attempts answer', () => {
    const tries = [
      fetched({ outcome: 'updated', claimedAt: at('10:50:00'), finishedAt: at('10:50:01') }),
      fetched({ outcome: 'rate-limited' }),
    ];
    expect(lines(here({ fetches: tries })).filter((line) => line.startsWith('learnt'))).toHaveLength(1);
    expect(lines(here({ fetches: tries })).at(-1)).toMatch(/Copied: a new version, 1\.0/);
  });

  test('has the owner’s word as what it is, and not as a question to the provider', () => {
    const word = fetched({ origin: 'person', action: 'confirmed', webhook: null, outcome: 'tombstoned' });
    expect(lines(here({ fetches: [word] }))).toEqual(['answered: You said that you deleted it']);
    expect(lines(here({ fetches: [{ ...word, action: 'refused', outcome: 'kept' }] }))).toEqual([
      'answered: You said that you did not delete it',
    ]);
  });

  test('has what reconciliation found, and whether a webhook had announced it', () => {
    const finding = { action: 'updated', happenedAt: at('10:39:00'), foundAt: at('10:45:00') };
    const [first] = whyOf(here({ known: { findings: [{ ...finding, announced: false }] } })).events;
    expect(first).toMatchObject({
      kind: 'changed',
      attention: true,
      meaning: expect.stringMatching(/counts as drift/),
    });
    const [good] = whyOf(here({ known: { findings: [{ ...finding, announced: true }] } })).events;
    expect(good).toMatchObject({ attention: false, meaning: 'A webhook announced it in time.' });
  });

  const PRESENT: [what: string, known: Partial<Known>, words: RegExp][] = [
    ['waits', { task: task() }, /^It is in the queue/],
    ['runs', { task: task({ state: 'active', owesOneMore: true }) }, /being fetched.*once more after that/],
    [
      'is tried again',
      { task: task({ attempts: 2, dueAt: NOW + 60_000, lastError: 'No.\nmore' }) },
      /in 1 minute\|2 attempts so far\. No\.$/,
    ],
    [
      'is confirmed',
      { task: task({ dueAt: NOW + 60_000, lastError: 'Not announced.' }) },
      /asked for again in 1 minute\|Not anno/,
    ],
    ['is parked', { task: task(), parked: 'The token is refused.' }, /until you connect again\|The token is refused/],
    ['is paused', { task: task(), pausedUntil: NOW + 60_000 }, /asked us to slow down\|It is asked for in 1 minute/],
  ];

  test.each(PRESENT)('ends with that it %s', (_, known, words) => {
    const last = whyOf(here({ known })).events.at(-1);
    expect(last).toMatchObject({ kind: 'now', at: new Date(NOW).toISOString() });
    expect(`${last?.what}|${last?.meaning}`).toMatch(words);
  });

  test('ends with the letter where it was set aside', () => {
    const known = {
      task: task({ state: 'dead' as const }),
      letter: { code: 'x', sentence: 'Look at it.', at: NOW - 1_000 },
    };
    expect(whyOf(here({ known })).events.at(-1)).toMatchObject({ kind: 'set aside', meaning: 'Look at it.' });
  });
});

test.each([
  ['123', 'trips/123'],
  [' 123 ', 'trips/123'],
  ['#123', 'trips/123'],
  ['trips/123', 'trips/123'],
  ['/routes/123.json', 'routes/123'],
  ['trip 123', 'trips/123'],
  ['https://ridewithgps.com/trips/123', 'trips/123'],
  ['https://ridewithgps.com/routes/123?privacy_code=abcDEF', 'routes/123'],
  ['ridewithgps.com/trips/123/', 'trips/123'],
  ['https://ridewithgps.com/api/v1/trips/9223372036854775807.json#x', 'trips/9223372036854775807'],
  ['', undefined],
  ['0123', undefined],
  ['Vršič', undefined],
  ['-1', undefined],
  ['https://ridewithgps.com/users/123', undefined],
  ['12345678901234567890', undefined],
  ['trips/123; DROP TABLE', undefined],
])('%o is read as %s', (text, read) => {
  const address = readRideAddress(text);
  expect(address && `${address.kind}/${address.id}`).toBe(read);
});

describe('of the running program', () => {
  let slipstream: Installation;
  let browser: Browser;
  const trips = () => slipstream.sandbox.world.items(1, 'trip');
  const tell = (id: number | string, kind = 'trips') => browser.json<Why>(`/api/v1/${kind}/${id}/why`);
  const whats = ({ events }: Why) => events.map(({ what }) => what);

  beforeAll(async () => {
    slipstream = await startInstallation();
    browser = await slipstream.connect();
  });
  afterAll(() => slipstream.close());

  test('a ride that a webhook announced is here, with how long that took', async () => {
    const made = slipstream.sandbox.world.create(1, 'trip', { name: 'Told of' });
    await slipstream.settled();
    const why = await tell(made.id);
    expect(why).toMatchObject({ type: 'trip', id: String(made.id), name: 'Told of', state: 'active' });
    expect(why.verdict).toMatchObject({
      tone: 'good',
      sentence: expect.stringMatching(/^It is here.*m?s after the webhook/),
    });
    expect(whats(why)).toEqual([
      'A webhook told of it (“created”)',
      'Slipstream asked Ride With GPS for it',
      'Copied for the first time',
    ]);
    const page = await (await browser.get(`/trips/${made.id}/why`)).text();
    expect(page).toContain(why.verdict.sentence);
    expect(page).toContain(`action="/trips/${made.id}/refetch"`);
  });

  test('a change that no webhook announced says so once it is judged', async () => {
    const [, trip] = trips();
    await browser.post(`/trips/${trip?.id}/refetch`);
    await slipstream.settled();
    slipstream.sandbox.world.edit('trip', trip?.id ?? 0, { name: 'Told by nobody' }, { silent: true });
    await slipstream.app.reconciler.reconcile({ source: 'ridewithgps', account: '1' });
    await slipstream.settled();
    const why = await tell(trip?.id ?? 0);
    expect(whats(why)).toEqual(
      expect.arrayContaining([
        'Changed at Ride With GPS (“updated”)',
        'Reconciliation found it (“updated”)',
        'Copied: a new version',
      ]),
    );
    expect(why.verdict.sentence).toMatch(/found by reconciliation/);
  });

  test('a deleted ride, and one that came back, say so', async () => {
    const made = slipstream.sandbox.world.create(1, 'trip', { name: 'Short-lived' });
    await slipstream.settled();
    slipstream.sandbox.world.remove('trip', made.id);
    await slipstream.settled();
    expect((await tell(made.id)).verdict.sentence).toMatch(/^It was deleted at Ride With GPS/);
    expect((await browser.post(`/trips/${made.id}/refetch`)).status).toBe(303);
    await slipstream.settled();
    const why = await tell(made.id);
    expect(why.verdict.sentence).toMatch(/^It was deleted at Ride With GPS/);
    expect(whats(why).slice(-3)).toEqual([
      'You asked for it to be fetched again',
      'Slipstream asked Ride With GPS for it',
      'Still gone at Ride With GPS',
    ]);
  });

  test('an id that nobody spoke of can be asked for, and the answer is the provider’s', async () => {
    expect((await tell(987_654)).verdict.sentence).toMatch(/^Ride With GPS has not told us of it/);
    expect((await tell(987_654)).events).toEqual([]);
    const answer = await browser.post('/api/v1/trips/987654/refetch');
    expect(answer.status).toBe(202);
    await slipstream.settled();
    const why = await tell(987_654);
    expect(why).toMatchObject({ state: 'absent', name: null });
    expect(why.verdict.sentence).toMatch(/there is no such trip, or it is not yours to see/);
    expect(await browser.json<{ items: object[] }>('/api/v1/trips')).toMatchObject({ meta: { total: trips().length } });
  });

  test('one press is one notification, and goes the way of every other', async () => {
    const [trip] = trips();
    const asked = () =>
      slipstream.sandbox.requests.filter(({ path }) => path.includes(`/trips/${trip?.id}.json`)).length;
    const before = asked();
    await browser.post(`/trips/${trip?.id}/refetch`);
    await slipstream.settled();
    expect(asked()).toBe(before + 1);
    const why = await tell(trip?.id ?? 0);
    expect(whats(why).slice(-3)).toEqual([
      'You asked for it to be fetched again',
      'Slipstream asked Ride With GPS for it',
      'Nothing had changed',
    ]);
  });

  test('what is set aside says why, until it is asked for again and comes', async () => {
    const [trip] = trips();
    slipstream.sandbox.faults.set({ statusItems: { [`trip/${trip?.id}`]: 400 } });
    await deliver(`${slipstream.app.url}/webhooks/ridewithgps`, bodyOf(notification({ item_id: trip?.id })));
    await slipstream.settled();
    const why = await tell(trip?.id ?? 0);
    expect(why.verdict).toMatchObject({ tone: 'attention', sentence: 'It is here, but its latest change is not.' });
    expect(whats(why).at(-1)).toBe('Set aside: it needs you');
    slipstream.sandbox.faults.clear();
    await browser.post(`/trips/${trip?.id}/refetch`);
    await slipstream.settled();
    expect((await tell(trip?.id ?? 0)).verdict.sentence).toMatch(/^It is here: /);
  });

  test('while the provider is down it says when it is tried again', async () => {
    const [trip] = trips();
    slipstream.sandbox.faults.set({ down: true });
    await browser.post(`/trips/${trip?.id}/refetch`);
    await until(async () => (await tell(trip?.id ?? 0)).verdict.tone === 'attention', 10_000);
    const why = await tell(trip?.id ?? 0);
    expect(why.verdict.sentence).toBe('It is here, but a change of it could not be fetched yet.');
    expect(why.events.at(-1)).toMatchObject({ kind: 'now', attention: true });
    slipstream.sandbox.faults.clear();
    await until(async () => (await tell(trip?.id ?? 0)).verdict.tone === 'good', 20_000);
  });

  test.each(['0', '01', '-1', '1e3', 'x', '12345678901234567890', '1%00'])('%s is no id', async (id) => {
    for (const path of [`/trips/${id}/why`, `/api/v1/trips/${id}/why`])
      expect([path, (await browser.get(path)).status]).toEqual([path, 404]);
    for (const path of [`/trips/${id}/refetch`, `/api/v1/trips/${id}/refetch`])
      expect([path, (await browser.post(path)).status]).toEqual([path, 404]);
  });

  test('the form takes an address, and no address of ours keeps its privacy code', async () => {
    const pasted = { ride: 'https://ridewithgps.com/routes/77?privacy_code=veryprivate' };
    expect((await browser.post('/why', pasted)).headers.get('location')).toBe('/routes/77/why');
    expect((await browser.post('/why', { ride: '77', kind: 'routes' })).headers.get('location')).toBe('/routes/77/why');
    const answer = await browser.post('/why', { ride: 'over the hill?privacy_code=veryprivate' });
    expect(answer.status).toBe(400);
    const page = await answer.text();
    expect(page).toContain('value="over the hill"');
    expect(page).not.toContain('veryprivate');
    expect((await browser.post('/why')).status).toBe(400);
  });

  test('the command line says the same, while it runs and from what is stored', async () => {
    const [trip] = trips();
    const program = createProgram();
    const run = (...args: string[]) => program.run(['why', ...args], { DATA_DIR: slipstream.dataDir });
    const why = await tell(trip?.id ?? 0);
    const { code, stdout } = await run(`trips/${trip?.id}`);
    expect(code).toBe(0);
    expect(stdout).toContain(why.verdict.sentence);
    for (const what of whats(why)) expect(stdout).toContain(what);
    await slipstream.app.close();
    const stored = JSON.parse((await run(`https://ridewithgps.com/trips/${trip?.id}`, '--json')).stdout) as Why;
    expect(stored.verdict.sentence).toBe(why.verdict.sentence);
    expect(stored.events).toEqual(why.events);
    program.close();
  });
});
