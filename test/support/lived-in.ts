import { applySnapshot, CONFIRM_AFTER_MS } from '../../src/mirror.ts';
import { createSeal, hashOf, type Seal, secretKeysIn } from '../../src/seal.ts';
import { describeRide } from '../../src/sources/ridewithgps/describe.ts';
import type { Snapshot } from '../../src/sources/source.ts';
import type { Account } from '../../src/storage/accounts.ts';
import type { Inbox } from '../../src/storage/inbox.ts';
import type { MirrorWriter } from '../../src/storage/mirror.ts';
import { sha256 } from '../../src/storage/move/checksum.ts';
import { openInbox } from '../../src/storage/sqlite/inbox.ts';
import { openMirrorForWriting } from '../../src/storage/sqlite/mirror.ts';
import type { Claim, Key, Notification, SourceName } from '../../src/vocabulary.ts';
import { pictureOf } from './picture.ts';

const NOON = Date.parse('2026-06-01T12:00:00Z');
const DAY_MS = 86_400_000;
export const UNTAKEN = 7;
/** The last fetch's. */
export const SEQUENCE = 1_000;

/** Two riders and a shop with something in every table, as the program's own writers leave it in files. */
export async function liveIn(dataDir: string): Promise<void> {
  const seal = createSeal(secretKeysIn(dataDir));
  const mirror = openMirrorForWriting(dataDir);
  const inbox = openInbox(dataDir);
  await fillMirror(mirror, seal);
  await fillInbox(inbox, seal);
  await inbox.close();
  await mirror.close();
}

async function fillMirror(mirror: MirrorWriter, seal: Seal): Promise<void> {
  let now = NOON;
  let seq = 0;
  const connect = (source: SourceName, account: string, name: string): Promise<Account> =>
    mirror.accountWriter.connect({
      ...{ source, account, name, client: 'key', tokenKind: 'bearer', connectedAt: now },
      sealedToken: seal.seal(`token of ${account}`, { source, account }),
    });

  async function apply(by: Account, type: string, id: string, snapshot: Snapshot, over: Partial<Claim> = {}) {
    seq += 1;
    const claim: Claim = {
      ...{ task: seq, seq, attempts: 1, origin: 'webhook', action: 'updated', announcesDeletion: false },
      key: { source: by.source, account: by.user_id, type, id },
      ...{
        firstLearntAt: now,
        lastLearntAt: now,
        notifications: 1,
        claimedAt: now,
        webhook: { first: now, last: now },
      },
      ...over,
    };
    await applySnapshot(mirror.itemWriter, by, claim, snapshot, () => now);
    now += 60_000;
  }

  function ride(id: number, said: Record<string, unknown> = {}): Snapshot {
    const track_points = Array.from({ length: 40 }, (_, n) => ({
      x: 14.5 + n / 500,
      y: 46 + id / 100,
      e: 300 + n,
      t: n,
    }));
    const whole = {
      ...{ id, user_id: 1, name: `Ride ${id}`, description: 'Čez Ljubelj in nazaj', distance: 41_000.5, calories: 900 },
      ...{ departed_at: `2026-0${1 + (id % 6)}-12T07:00:00Z`, updated_at: `2026-05-0${1 + (id % 8)}T00:00:00Z` },
      ...{ country_code: 'SI', administrative_area: 'Gorenjska', locality: 'Tržič', track_points, ...said },
    };
    return {
      ...{ kind: 'present', raw: Buffer.from(JSON.stringify({ trip: whole })), beganAt: now },
      describe: () => describeRide(whole, { account: '1' }),
    };
  }

  const robin = await connect('ridewithgps', '1', 'Robin\0Field');
  const kim = await connect('ridewithgps', '2', 'Kim Meadow');
  const shop = await connect('tradegecko', 'shop', 'A shop');
  await connect('ridewithgps', '3', 'Somebody who left');
  await mirror.accountWriter.erase({ source: 'ridewithgps', account: '3' });
  await mirror.accountWriter.prefer(
    { source: 'ridewithgps', account: '1' },
    { units: 'imperial', theme: 'dark', mapStyle: 'plain', language: 'sl' },
  );
  await mirror.accountWriter.audited({ source: 'ridewithgps', account: '1' }, { at: now, compared: 9, different: 1 });

  for (let id = 1; id <= 12; id += 1) await apply(robin, id % 3 ? 'trip' : 'route', String(id), ride(id));
  for (const name of ['Renamed', 'Renamed again']) {
    await apply(robin, 'trip', '1', ride(1, { name, updated_at: new Date(now).toISOString() }));
  }
  await apply(robin, 'trip', '2', { kind: 'gone' }, { announcesDeletion: true });
  await apply(robin, 'trip', '4', { kind: 'gone' });
  await apply(robin, 'trip', '5', { kind: 'gone' });
  now += CONFIRM_AFTER_MS;
  await apply(robin, 'trip', '5', { kind: 'gone' });
  await apply(robin, 'trip', '20', { kind: 'gone' });
  await apply(robin, 'trip', '21', ride(21, { visibility: 2 }), {
    secret: seal.seal('code', { source: 'ridewithgps', account: '1' }),
  });
  await apply(kim, 'pinned', 'pinned', { kind: 'pins', pins: [{ type: 'trip', id: '7' }] });
  await apply(kim, 'trip', '7', ride(7));
  await apply(kim, 'trip', '8', { kind: 'forbidden' });

  const photos = ['whole', 'lost', 'waits'].map((id) => ({ id, url: `https://ridewithgps.com/photos/${id}.png` }));
  await apply(robin, 'trip', '10', {
    ...{ kind: 'present', raw: Buffer.from('{"trip":{"id":10,"photos":3}}'), beganAt: now },
    describe: () => ({
      ...describeRide(
        { id: 10, user_id: 1, name: 'With photos', updated_at: new Date(now).toISOString() },
        { account: '1' },
      ),
      photos,
    }),
  });
  const [first, second] = await mirror.photoWriter.begin(2, 3, now);
  if (!first || !second) throw new Error('No photo was due.');
  const bytes = pictureOf(1);
  const hash = sha256(bytes).toString('hex');
  await mirror.pictures.put(hash, bytes);
  await mirror.photoWriter.settle([
    {
      attempt: first,
      kind: 'copied',
      picture: { hash, bytes: bytes.length, media: 'image/png', width: 40, height: 30 },
    },
    { attempt: second, kind: 'failed', problem: 'missing', dueAt: null },
  ]);

  for (const id of ['SO-1', 'SO-2']) {
    const record = { summary: 'finalized', words: 'helmet größe' };
    await apply(shop, 'order', id, {
      ...{ kind: 'present', raw: Buffer.from(JSON.stringify({ id })), beganAt: now, stated: true },
      describe: () => ({
        ...{
          version: new Date(now).toISOString(),
          owned: true,
          title: `Order ${id}`,
          happenedAt: '2026-05-05T00:00:00Z',
        },
        ...{ ride: null, record, photos: [], outline: null },
      }),
    });
  }

  await mirror.runWriter.note(
    { source: 'ridewithgps', account: '1' },
    {
      ...{ kind: 'audit', startedBy: 'schedule', beganAt: now, endedAt: now + 900, found: 1, compared: 9 },
      differences: { missing_here: 1, missing_there: 0, older_here: 0, pins_differ: true },
      items: [{ type: 'trip', id: '1', why: 'missing-here' }],
    },
  );
  await mirror.sessionWriter.open(hashOf('cookie'), robin.id, now, now + DAY_MS);
  await mirror.sessionWriter.addToken(robin.id, 'laptop', hashOf('token'), now);
  await mirror.sessionWriter.addLoginLink(hashOf('link'), kim.id, now + DAY_MS);
}

async function fillInbox(inbox: Inbox, seal: Seal): Promise<void> {
  const rider = { source: 'ridewithgps', account: '1' } as const;
  const key = (id: string): Key => ({ ...rider, type: 'trip', id });
  const note = (id: string, over: Partial<Notification> = {}): Notification => ({
    ...{ key: key(id), origin: 'webhook', action: 'updated', learntAt: NOON, announcesDeletion: false, ...over },
  });
  const keep = (body: string | Buffer, day: number, over = {}): Promise<number> =>
    inbox.keep({
      ...{
        source: 'ridewithgps',
        client: 'key',
        receivedAt: NOON + day * DAY_MS,
        headers: { 'x-rwgps-signature': 'abc' },
      },
      ...{ body: Buffer.from(body), ...over },
    });

  const unreadable = { code: 'not-json', sentence: 'It is not JSON.' };
  const taken = [await keep('{"taken":1}', 0), await keep(Buffer.alloc(9_000, 'taken '), 1)];
  await keep('{', 1, { unreadable, evidence: 'a brace' });
  taken.push(await keep(seal.seal('{"privacy_code":"1"}', { ...rider, account: '' }), 2, { sealed: true }));
  await inbox.take(taken.map((id) => ({ id, notifications: [note(`${id}`)], rejections: [] })));
  for (let n = 0; n < UNTAKEN; n += 1) await keep(`{"untaken":${n}}`, 3);
  await keep('[', 3, { unreadable });

  // More than go into one statement.
  await inbox.enqueue(
    Array.from({ length: 700 }, (_, n) => note(`many-${n}`, { origin: 'backfill', learntAt: NOON + n })),
    [
      { key: key('1'), action: 'updated', happenedAt: NOON, foundAt: NOON + 5, known: true },
      { key: key('2'), action: 'created', happenedAt: NOON, foundAt: NOON + 5, known: false },
    ],
  );
  await inbox.enqueue([
    note('stated', { statement: { version: '2026-06-01T00:00:00.000Z', body: Buffer.from('{"id":"stated"}') } }),
    note('sealed', { secret: seal.seal('code', rider) }),
    { ...note('parked'), key: { ...key('parked'), account: '2' } },
  ]);
  const claims = await inbox.exchange([], { room: 3, perAccount: 3, now: NOON + DAY_MS });
  const [dead, again, ...running] = claims;
  if (!dead || !again || running.length !== 1) throw new Error('Three tasks were due.');
  await inbox.exchange(
    [
      { claim: dead, kind: 'dead', problem: { code: 'refused', sentence: 'It was refused.' }, evidence: '{"error":1}' },
      { claim: again, kind: 'retry', dueAt: NOON + DAY_MS, reason: 'timeout' },
    ],
    { room: 0, perAccount: 0, now: NOON + DAY_MS },
  );
  await inbox.pause(rider, NOON + 2 * DAY_MS);
  await inbox.park({ ...rider, account: '2' }, 'reconnect');
  await keep('}', 3, { unreadable });
  const [dismissed] = await inbox.letterIds(rider, true);
  await inbox.dismiss(dismissed ?? 0, rider, true);
  await inbox.probe();
  await inbox.raiseSequence(SEQUENCE);
}
