import type { Request, Router } from 'express';
import type { Revision } from '../../storage/history.ts';
import type { LibraryItem, RideType } from '../../storage/library.ts';
import { comparisonPage } from '../../web/comparison.ts';
import { historyPage } from '../../web/history.ts';
import { MESSAGES } from '../../web/message.ts';
import type { Viewer } from '../auth.ts';
import { KINDS } from '../list-query.ts';
import { revisionIn } from '../revisions.ts';
import type { PageKit, PageParts } from './page.ts';

/** A page has so many versions, and fewer of long rides: each is read to say what it changed. */
const MOST_VERSIONS = 20;
const MOST_BYTES = 48 * 1024 * 1024;

/** Every version of an item, one beside another, and the lines of the two for a map. */
export function addHistory(router: Router, { library, readers }: PageParts, kit: PageKit): void {
  for (const [kind, type] of KINDS) {
    router.get(
      `/${kind}/:id/history`,
      kit.signedIn(async (viewer, request, response) => {
        const found = await find(viewer, type, request);
        if (!found) return kit.message(request, response, MESSAGES.notFound);
        const { item, all } = found;
        const before = revisionIn(request.query.before);
        const shown = onePage(before === undefined ? all : all.filter(({ revision }) => revision < before));
        const wanted = { accountId: viewer.account.id, type, id: item.id };
        const steps = await readers.steps({ ...wanted, revisions: shown.map(({ revision }) => revision) });
        const versions = shown.map((each) => ({
          ...each,
          step: steps.find(({ revision }) => revision === each.revision),
        }));
        const passages = await library.passages(viewer.account.id, type, item.id);
        const frame = await kit.frameOf(viewer, request);
        return kit.send(response, historyPage({ frame, item, versions, total: all.length, passages }));
      }),
    );

    router.get(
      `/${kind}/:id/history/:revision`,
      kit.signedIn(async (viewer, request, response) => {
        const found = await find(viewer, type, request);
        const asked = found && chosen(found.all, request);
        const comparison = asked && (await readers.compare(comparisonOf(viewer, found.item, asked)));
        if (!asked || !comparison) return kit.message(request, response, MESSAGES.notFound);
        const data = { item: found.item, ...asked, total: found.all.length, comparison };
        const frame = await kit.frameOf(viewer, request);
        return kit.sendMap(response, frame, comparisonPage({ frame, ...data }));
      }),
    );

    router.get(
      `/${kind}/:id/history/:revision/track.json`,
      kit.signedIn(async (viewer, request, response) => {
        const found = await find(viewer, type, request);
        const asked = found && chosen(found.all, request);
        const lines = asked && (await readers.lines(comparisonOf(viewer, found.item, asked)));
        if (!lines) return kit.message(request, response, MESSAGES.notFound);
        return response.set('cache-control', 'private, no-cache').json(lines);
      }),
    );
  }

  async function find(
    { account }: Viewer,
    type: RideType,
    request: Request,
  ): Promise<{ item: LibraryItem; all: Revision[] } | undefined> {
    const item = await library.find(account.id, type, String(request.params.id));
    return item && { item, all: await library.revisions(account.id, type, item.id) };
  }
}

interface Asked {
  version: Revision;
  against: Revision | undefined;
}

/** The version of the address, beside the one before it or the one that was asked for. */
function chosen(all: readonly Revision[], request: Request): Asked | undefined {
  const wanted = revisionIn(request.params.revision);
  const version = all.find(({ revision }) => revision === wanted);
  if (!version) return undefined;
  const other = revisionIn(request.query.against) ?? version.revision - 1;
  return { version, against: all.find(({ revision }) => revision === other && revision !== version.revision) };
}

const comparisonOf = ({ account }: Viewer, { type, id }: LibraryItem, { version, against }: Asked) => ({
  accountId: account.id,
  type,
  id,
  revision: version.revision,
  against: against?.revision ?? null,
});

function onePage(newestFirst: readonly Revision[]): Revision[] {
  let bytes = 0;
  const end = newestFirst.findIndex((each, at) => {
    bytes += each.bytes;
    return at >= MOST_VERSIONS || (at > 1 && bytes > MOST_BYTES);
  });
  return newestFirst.slice(0, end === -1 ? newestFirst.length : end);
}
