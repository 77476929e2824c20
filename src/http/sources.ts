import express, { type Request, type RequestHandler, type Response, type Router } from 'express';
import { z } from 'zod';
import type { Jobs } from '../jobs/jobs.ts';
import type { Receiver } from '../receive.ts';
import { sourceStatus } from '../source-status.ts';
import { canCatchUp, type Source } from '../sources/source.ts';
import type { Account, AccountReader } from '../storage/accounts.ts';
import type { RecordItem } from '../storage/records.ts';
import type { SourceReport } from '../storage/source-report.ts';
import { ITEM_STATES, RIDERS, SOURCE_TITLES, type SourceName } from '../vocabulary.ts';
import type { Auth } from './auth.ts';
import { createDeletions, type DeletionParts, NO_THROUGH, throughIn } from './deletions.ts';
import { complaintOf, filledIn } from './list-query.ts';
import { notFound, problem } from './problem.ts';
import { revisionIn } from './revisions.ts';
import { createWhy, type WhyRoutesParts } from './why.ts';
import { sendWithBody } from './with-body.ts';

export interface SourceParts extends WhyRoutesParts, DeletionParts {
  auth: Auth;
  accounts: AccountReader;
  sources: ReadonlyMap<SourceName, Source>;
  receiver: Receiver;
  jobs: Pick<Jobs, 'ask'>;
  publicUrl: string;
}

/** What narrows a list of records down, in the query of an address. */
export const recordFilters = z.object({
  type: z.string().min(1).max(80).optional(),
  state: z.literal(ITEM_STATES).optional(),
  q: z.string().trim().max(200).optional(),
});

const listQuery = recordFilters.extend({
  page: z.coerce.number().int().min(1).max(1_000_000).default(1),
  page_size: z.coerce.number().int().min(1).max(200).default(50),
});

/** Of a type and of an id: no provider has longer ones. */
const LONGEST = 200;
/** The keys that are not items have names of their own; nobody can ask for one of them by hand. */
const NO_RECORDS = ['pinned', 'account', 'changes'];
export const isRecordType = (type: string): boolean => !NO_RECORDS.includes(type);

/** Else what its events have stated is what is here, and asking again could only fail. */
export const canAskFor = (source: Pick<Source, 'canAskFor'>, type: string): boolean => source.canAskFor?.(type) ?? true;

/** One configured source, and those of its accounts that whoever asks may see. */
export interface Scope {
  source: Source;
  accounts: Account[];
}

/** What can be asked about sources, for the pages and the API. Records of a source where nobody signs in are the owner's. */
export function createSources({ auth, accounts, sources, jobs, ...others }: SourceParts) {
  const statusParts = { ...others, settingUpUntil: others.receiver.settingUpUntil };

  /** @returns undefined where there is nothing, or nothing for whoever asks. */
  async function scopeOf(request: Request, name: unknown): Promise<Scope | undefined> {
    const source = sources.get(name as SourceName);
    if (!source) return undefined;
    if (source.name === RIDERS) {
      const viewer = await auth.viewerOf(request);
      return { source, accounts: viewer ? [viewer.account] : [] };
    }
    if (!(await auth.isOwner(request))) return undefined;
    const all = await accounts.list();
    return { source, accounts: all.filter((account) => account.source === source.name) };
  }

  return {
    scopeOf,

    /** Of every configured source that whoever asks may see, in the order of their list. */
    async scopes(request: Request): Promise<Scope[]> {
      const scopes = await Promise.all([...sources.keys()].map((name) => scopeOf(request, name)));
      return scopes.filter((scope) => scope !== undefined);
    },

    /** Whose it is, or whose it would be where it is not here. */
    async accountOf(scope: Scope, type: string, id: string, named: unknown): Promise<Account | undefined> {
      const among = idsOf(scope.accounts, named);
      const record = await others.records.find(among, type, id);
      return scope.accounts.find((account) => account.id === (record?.accountId ?? among[0]));
    },

    report: ({ source, accounts: whose }: Scope): Promise<SourceReport> => sourceStatus(statusParts, source, whose),

    /** @returns the accounts that are asked now, or why none is. */
    async reconcile({
      source,
      accounts: whose,
    }: Scope): Promise<{ asked: string[] } | { code: string; sentence: string }> {
      const title = SOURCE_TITLES[source.name];
      if (!canCatchUp(source)) {
        const sentence = `There is nothing at ${title} to ask what was missed: what its webhooks bring is all there is.`;
        return { code: 'nothing_to_ask', sentence };
      }
      const connected = whose.filter(({ state }) => state !== 'disconnected');
      if (connected.length === 0) {
        return { code: 'no_account', sentence: `No account of ${title} is connected, so there is nobody to ask for.` };
      }
      await Promise.all(
        connected.map(({ user_id: account }) =>
          jobs.ask('reconcile', { source: source.name, account, startedBy: 'person' }),
        ),
      );
      return { asked: connected.map(({ user_id }) => user_id) };
    },
  };
}

/** `/api/v1/sources`: each source with its records. They are for the owner of the installation; a rider sees the own rides alone. */
export function addSources(router: Router, parts: SourceParts): void {
  const { auth, records } = parts;
  const sources = createSources(parts);
  const why = createWhy(parts);
  const deletions = createDeletions(parts);
  const json = express.json({ limit: '1kb' });

  /** Makes a handler out of one that is for those who may see this source. */
  const within =
    (handler: (scope: Scope, request: Request, response: Response) => Promise<unknown>): RequestHandler =>
    async (request, response) => {
      const known = (await auth.isOwner(request)) || (await auth.viewerOf(request)) !== undefined;
      if (!known) return unauthorized(response);
      const scope = await sources.scopeOf(request, request.params.source);
      if (scope) await handler(scope, request, response);
      else notFound(request, response, () => {});
    };

  router.get('/sources', async (request, response) => {
    const isKnown = (await auth.isOwner(request)) || (await auth.viewerOf(request)) !== undefined;
    if (!isKnown) return unauthorized(response);
    return response.json({ items: await Promise.all((await sources.scopes(request)).map(sources.report)) });
  });

  router.post(
    '/sources/:source/reconcile',
    within(async (scope, _request, response) => {
      const answer = await sources.reconcile(scope);
      if ('code' in answer) return problem(response, 409, answer.code, answer.sentence);
      return response.status(202).json({ started: 'reconciliation', accounts: answer.asked });
    }),
  );

  router.get(
    '/sources/:source/records',
    within(async ({ accounts }, request, response) => {
      const query = listQuery.safeParse(filledIn(request.query));
      if (!query.success) return problem(response, 400, 'bad_query', complaintOf(query.error));
      const { page_size: pageSize, ...wanted } = query.data;
      const ids = accounts.map(({ id }) => id);
      const { items, meta, counts } = await records.list(ids, { ...wanted, pageSize });
      return response.json({ items: items.map(entryOf), meta, counts });
    }),
  );

  router.get(
    '/sources/:source/records/:type/:id',
    within(async (scope, request, response) => {
      const record = await recordIn(scope, request);
      const body = record && (await records.body(record.accountId, record.type, record.id));
      if (!record || !body) return notFound(request, response, () => {});
      return sendWithBody(response, { item: { ...entryOf(record), body: null } }, body);
    }),
  );

  router.get(
    '/sources/:source/records/:type/:id/why',
    within(async (scope, request, response) => {
      const { type, id } = keyIn(request);
      const account = await sources.accountOf(scope, type, id, request.query.account);
      if (!account || !isRecordType(type)) return notFound(request, response, () => {});
      return response.json(await why.tell(account, type, id));
    }),
  );

  router.post(
    '/sources/:source/records/:type/:id/refetch',
    within(async (scope, request, response) => {
      const { type, id } = keyIn(request);
      const account = await sources.accountOf(scope, type, id, request.query.account);
      if (!account || !isRecordType(type)) return notFound(request, response, () => {});
      if (!canAskFor(scope.source, type)) return problem(response, 409, 'not_asked', notAsked(scope.source));
      if (await why.fetchAgain(account, type, id)) return response.status(202).json({ asked_for: { type, id } });
      return problem(response, 409, 'disconnected', 'This account is disconnected, so nobody can ask for anything.');
    }),
  );

  router.get(
    '/sources/:source/records/:type/:id/revisions',
    within(async (scope, request, response) => {
      const record = await recordIn(scope, request);
      if (!record) return notFound(request, response, () => {});
      const [items, passages] = await Promise.all([
        records.revisions(record.accountId, record.type, record.id),
        records.passages(record.accountId, record.type, record.id),
      ]);
      return response.json({ items, passages, meta: { total: items.length } });
    }),
  );

  router.get(
    '/sources/:source/records/:type/:id/revisions/:revision',
    within(async (scope, request, response) => {
      const record = await recordIn(scope, request);
      const wanted = revisionIn(request.params.revision);
      if (!record || wanted === undefined) return notFound(request, response, () => {});
      const all = await records.revisions(record.accountId, record.type, record.id);
      const about = all.find(({ revision }) => revision === wanted);
      const body = about && (await records.body(record.accountId, record.type, record.id, wanted));
      if (!body) return notFound(request, response, () => {});
      return sendWithBody(response, { revision: { ...about, body: null } }, body);
    }),
  );

  const held = '/sources/:source/accounts/:account/deletions';
  router.get(
    held,
    within(async ({ accounts }, request, response) => {
      const account = accounts.find(({ user_id }) => user_id === request.params.account);
      if (!account) return notFound(request, response, () => {});
      return response.json(await deletions.report(account));
    }),
  );
  for (const [path, answer, word] of [
    ['confirm', deletions.confirm, 'confirmed'],
    ['refuse', deletions.refuse, 'kept'],
    ['kept/confirm', deletions.confirmKept, 'confirmed'],
  ] as const) {
    router.post(
      `${held}/${path}`,
      json,
      within(async ({ accounts }, request, response) => {
        const account = accounts.find(({ user_id }) => user_id === request.params.account);
        if (!account) return notFound(request, response, () => {});
        const through = throughIn(request.body);
        if (through === undefined) return problem(response, 400, 'no_through', NO_THROUGH);
        return response.json({ [word]: await answer(account, through) });
      }),
    );
  }

  async function recordIn({ accounts }: Scope, request: Request): Promise<RecordItem | undefined> {
    const { type, id } = keyIn(request);
    return records.find(idsOf(accounts, request.query.account), type, id);
  }
}

/** Those that are meant: the one that was named, or all of them. */
const idsOf = (accounts: readonly Account[], named: unknown): number[] =>
  accounts.filter(({ user_id }) => named === undefined || user_id === named).map(({ id }) => id);

export const keyIn = ({ params }: Request): { type: string; id: string } => ({
  type: String(params.type).slice(0, LONGEST),
  id: String(params.id).slice(0, LONGEST),
});

const notAsked = ({ name }: Source): string =>
  `${SOURCE_TITLES[name]} cannot be asked for this one by itself: what its events say is what is here.`;

/** What the API says of a record. */
const entryOf = ({ accountId: _, ...entry }: RecordItem) => entry;

function unauthorized(response: Response): void {
  response.set('www-authenticate', 'Bearer');
  problem(response, 401, 'unauthorized', 'Sign in, or send a personal token: Authorization: Bearer …');
}
