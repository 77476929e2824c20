import { type Request, type Response, type Router, urlencoded } from 'express';
import { z } from 'zod';
import { webhookUrl } from '../../source-status.ts';
import type { Account } from '../../storage/accounts.ts';
import type { DeletionsReport } from '../../storage/sync.ts';
import { RIDERS } from '../../vocabulary.ts';
import { MESSAGES } from '../../web/message.ts';
import { sourcePath } from '../../web/sources/addresses.ts';
import { type SourceCard, sourcesPage } from '../../web/sources/page.ts';
import { recordPage } from '../../web/sources/record.ts';
import { recordsPage } from '../../web/sources/records.ts';
import type { Viewer } from '../auth.ts';
import { createDeletions, throughIn } from '../deletions.ts';
import { canAskFor, createSources, isRecordType, keyIn, recordFilters, type Scope } from '../sources.ts';
import { createWhy } from '../why.ts';
import type { PageKit, PageParts } from './page.ts';

const PAGE_SIZE = 50;
const SET_UP_MS = 15 * 60_000;
const MOST_VERSIONS = 20;
/** A larger one would be a page that nobody reads, and keep this thread. */
const MOST_BYTES = 512 * 1024;

const viewing = recordFilters.extend({ page: z.coerce.number().int().min(1).max(1_000_000).catch(1) });

/** Sources and their records, for the owner of the installation. */
export function addSourcePages(router: Router, parts: PageParts, kit: PageKit): void {
  const { records, readers, receiver, publicUrl } = parts;
  const sources = createSources(parts);
  const why = createWhy(parts);
  const deletions = createDeletions(parts);

  /** For the owner, and within one source; the rides of whoever signs in have pages of their own. */
  const within = (handler: (scope: Scope, viewer: Viewer, request: Request, response: Response) => Promise<unknown>) =>
    kit.signedIn(async (viewer, request, response) => {
      const name = request.params.source;
      const scope = viewer.account.owner && name !== RIDERS ? await sources.scopeOf(request, name) : undefined;
      return scope ? handler(scope, viewer, request, response) : kit.message(request, response, MESSAGES.notFound);
    });

  router.get(
    '/sources',
    kit.signedIn(async (viewer, request, response) => {
      if (!viewer.account.owner) return kit.message(request, response, MESSAGES.notFound);
      const scopes = await sources.scopes(request);
      const cards = await Promise.all(scopes.map(cardOf));
      return kit.send(response, sourcesPage({ frame: await kit.frameOf(viewer, request), cards }));
    }),
  );

  router.post(
    '/sources/:source/reconcile',
    within(async (scope, _viewer, request, response) => {
      if ('code' in (await sources.reconcile(scope))) return kit.message(request, response, MESSAGES.badRequest);
      return response.redirect(303, '/sources');
    }),
  );

  router.post(
    '/sources/:source/set-up',
    within(async ({ source }, _viewer, request, response) => {
      if (!source.handshake) return kit.message(request, response, MESSAGES.badRequest);
      await receiver.setUp(source.name, SET_UP_MS);
      return response.redirect(303, '/sources');
    }),
  );

  router.get(
    '/sources/:source',
    within(async ({ source, accounts }, viewer, request, response) => {
      const { data: view = { page: 1 } } = viewing.safeParse(filled(request.query));
      const ids = accounts.map(({ id }) => id);
      const page = await records.list(ids, { ...view, pageSize: PAGE_SIZE });
      const whose = accounts.map(({ user_id, name }) => ({ account: user_id, name }));
      const frame = await kit.frameOf(viewer, request);
      const held = await Promise.all(accounts.map(deletionsOf));
      const data = {
        source: source.name,
        accounts: whose,
        view,
        page,
        deletions: held.filter(({ report }) => asks(report)),
      };
      return kit.send(response, recordsPage({ frame, ...data }));
    }),
  );

  for (const [path, answer] of [
    ['confirm', deletions.confirm],
    ['refuse', deletions.refuse],
    ['kept/confirm', deletions.confirmKept],
  ] as const) {
    router.post(
      `/sources/:source/accounts/:account/deletions/${path}`,
      urlencoded({ extended: false, limit: '1kb' }),
      within(async ({ source, accounts }, _viewer, request, response) => {
        const account = accounts.find(({ user_id }) => user_id === request.params.account);
        const through = throughIn(request.body);
        if (!account || through === undefined) return kit.message(request, response, MESSAGES.notFound);
        await answer(account, through);
        return response.redirect(303, sourcePath(source.name));
      }),
    );
  }

  router.get(
    '/sources/:source/:type/:id',
    within(async (scope, viewer, request, response) => {
      const { type, id } = keyIn(request);
      const account = await sources.accountOf(scope, type, id, request.query.account);
      if (!account || !isRecordType(type)) return kit.message(request, response, MESSAGES.notFound);
      const wanted = { accountId: account.id, type, id };
      const record = await records.find([account.id], type, id);
      const bytes = record && (await records.body(account.id, type, id));
      const all = await records.revisions(account.id, type, id);
      const shown = all.slice(0, MOST_VERSIONS);
      const steps = await readers.valueSteps({ ...wanted, revisions: shown.map(({ revision }) => revision) });
      const versions = shown.map((each, at) => ({ ...each, change: steps[at]?.change ?? null }));
      const data = {
        ...{ source: scope.source.name, type, id, record, versions, total: all.length },
        account: { account: account.user_id, name: account.name },
        canAsk: account.state !== 'disconnected' && canAskFor(scope.source, type),
        body: bytes && bytes.length <= MOST_BYTES ? Buffer.from(bytes).toString() : undefined,
        why: await why.tell(account, type, id),
      };
      return kit.send(response, recordPage({ frame: await kit.frameOf(viewer, request), ...data }));
    }),
  );

  router.post(
    '/sources/:source/:type/:id/refetch',
    within(async (scope, _viewer, request, response) => {
      const { type, id } = keyIn(request);
      const account = await sources.accountOf(scope, type, id, request.query.account);
      if (!account || !isRecordType(type)) return kit.message(request, response, MESSAGES.notFound);
      if (canAskFor(scope.source, type)) await why.fetchAgain(account, type, id);
      const back = `${sourcePath(scope.source.name)}/${encodeURIComponent(type)}/${encodeURIComponent(id)}`;
      return response.redirect(303, `${back}?account=${encodeURIComponent(account.user_id)}`);
    }),
  );

  const deletionsOf = async (account: Account) => ({
    account: account.user_id,
    report: await deletions.report(account),
  });

  async function cardOf(scope: Scope): Promise<SourceCard> {
    const { source, accounts } = scope;
    const connected = accounts.filter(({ state }) => state !== 'disconnected');
    const named = source.addressedByAccount ? connected.map(({ user_id }) => user_id) : [''];
    const addresses = named.map((account) => ({ account, url: webhookUrl(publicUrl, source, { account }) }));
    return { report: await sources.report(scope), addresses };
  }
}

const asks = ({ meta, kept }: DeletionsReport): boolean => meta.total + kept.meta.total > 0;

/** A field of a form that was left empty is no filter. */
const filled = (query: Request['query']): Record<string, unknown> =>
  Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ''));
