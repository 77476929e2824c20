import type { Delivery, Inbox } from '../../src/storage/inbox.ts';
import type { LibraryQuery } from '../../src/storage/library.ts';
import type { MirrorReader } from '../../src/storage/mirror.ts';
import type { Key } from '../../src/vocabulary.ts';

const RIDER = { source: 'ridewithgps', account: '1' } as const;
const OTHER = { source: 'ridewithgps', account: '2' } as const;
const key = (id: string, type = 'trip'): Key => ({ ...RIDER, type, id });

/** What a storage says of what `liveIn` has written, whichever storage it is. */
export async function answersOf({ mirror, inbox }: { mirror: MirrorReader; inbox: Inbox }): Promise<object> {
  const { library, items, photos, lines, runs, sessions, statistics, records } = mirror;
  const accounts = await mirror.accounts.list();
  const [robin = 0, kim = 0, shop = 0] = accounts.map(({ id }) => id);
  const list = (query: Partial<LibraryQuery>) =>
    library.list(robin, { types: ['route', 'trip'], page: 1, pageSize: 50, ...query });
  const ref = (id: string) => ({ accountId: robin, type: 'trip', id });
  const whole = { types: ['route', 'trip'] as const, state: 'active' as const };

  return {
    accounts,
    tokens: await Promise.all(
      accounts.map(({ source, user_id: account }) => mirror.accounts.sealedToken({ source, account })),
    ),
    library: [
      await list({}),
      await list({ sort: 'name', order: 'desc', distanceMin: 1_000, country: 'SI' }),
      await list({ state: 'deleted' }),
      ...(await Promise.all(['ljubelj', 'LJUBE cez', 'trzic', 'renam', 'nobody'].map((q) => list({ q })))),
      await library.list(kim, { types: ['trip'], page: 1, pageSize: 5, pinned: true }),
      await library.count(robin),
    ],
    history: [
      await library.revisions(robin, 'trip', '1'),
      await library.passages(robin, 'trip', '2'),
      await library.body(robin, 'trip', '1'),
      await library.body(robin, 'trip', '1', 1),
      await library.body(robin, 'trip', '2'),
    ].map((answer) => (answer instanceof Uint8Array ? Buffer.from(answer).toString() : answer)),
    items: [
      sorted(await items.audited(robin)),
      await items.lossesSince(robin, 0),
      await items.fetches(ref('1'), 10),
      await items.greatestSeq(),
      ...(await Promise.all(['1', '2', '4', '5', '20', '21'].map((id) => items.standing(ref(id))))),
      await items.secret(ref('21')),
    ],
    records: [
      await records.list([shop], { page: 1, pageSize: 5 }),
      await records.list([shop], { page: 1, pageSize: 5, q: 'größe so-2' }),
      await records.count([shop]),
    ],
    statistics: await statistics.ridden(robin, whole),
    map: [await lines.boxes(robin, whole), await lines.version(robin), [...(await lines.shown(robin, whole))]],
    photos: [await photos.of(ref('10')), await photos.count()],
    runs: await runs.list(robin, 1, 5),
    sessions: await sessions.tokens(robin),
    inbox: [
      await inbox.deadLetters(RIDER, true),
      await inbox.counts(RIDER),
      await inbox.counts(OTHER),
      await inbox.pausedUntil(RIDER),
      await inbox.lastWebhookAt(RIDER),
      await inbox.sequence(),
      await inbox.droppedLetters(),
      await inbox.drift(RIDER, Date.parse('2026-06-01T13:00:00Z')),
      sorted(await inbox.openFindings(Date.parse('2026-07-01T00:00:00Z'), 10)),
      await inbox.overdue(RIDER, Date.parse('2026-06-02T00:00:00Z')),
    ],
    why: await Promise.all(['1', '2', '3', '4', 'stated', 'sealed', 'many-699'].map((id) => inbox.about(key(id)))),
    replays: await Promise.all((await inbox.letterIds(RIDER, true)).map((id) => inbox.replay(id, RIDER, true, 1))),
  };
}

/** Takes what nobody took, and says what it was. */
export async function takeAll(inbox: Inbox): Promise<Delivery[]> {
  const taken: Delivery[] = [];
  await inbox.takeNext(100, (delivery) => {
    taken.push(delivery);
    return { notifications: [], rejections: [] };
  });
  return taken;
}

/** What has no order of its own. */
const sorted = <T>(list: readonly T[]): T[] =>
  list.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
