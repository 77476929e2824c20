import type { Router } from 'express';
import { viewQuery } from '../../web/library-view.ts';
import { statisticsPage } from '../../web/statistics/page.ts';
import { readStatisticsView } from '../../web/statistics/view.ts';
import type { PageKit, PageParts } from './page.ts';

/** What was ridden, in figures: summed up by a worker, since a long library takes tens of milliseconds. */
export function addStatisticsPage(router: Router, { config, library, readers, now }: PageParts, kit: PageKit): void {
  router.get(
    '/statistics',
    kit.signedIn(async (viewer, request, response) => {
      const view = readStatisticsView(new URL(request.originalUrl, config.publicUrl).searchParams);
      const { id: accountId } = viewer.account;
      const today = new Date(now()).toISOString().slice(0, 10);
      const [answer, counts, frame] = await Promise.all([
        readers.statistics({ accountId, filter: viewQuery(view.library), year: view.year, today }),
        library.count(accountId),
        kit.frameOf(viewer, request),
      ]);
      kit.send(response, statisticsPage({ frame, view, ...answer, items: counts.active }));
    }),
  );
}
