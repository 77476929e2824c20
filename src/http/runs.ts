import type { Router } from 'express';
import { z } from 'zod';
import type { Inbox } from '../storage/inbox.ts';
import type { Run, RunReader, ToldRuns } from '../storage/runs.ts';
import { refOf, type SignedIn, type Viewer } from './auth.ts';
import { complaintOf, filledIn } from './list-query.ts';
import { problem } from './problem.ts';

export interface RunParts {
  runs: RunReader;
  inbox: Inbox;
}

/** What reconciliations, audits and backfills came to, for the page and the API. */
export function createRuns({ runs, inbox }: RunParts) {
  async function unannounced(viewer: Viewer, run: Run): Promise<number | null> {
    if (run.kind !== 'reconciliation' || run.found === 0) return null;
    if ((await inbox.lastWebhookAt(refOf(viewer))) === null) return null;
    const findings = await inbox.findingsOf(refOf(viewer), Date.parse(run.began_at), Date.parse(run.ended_at));
    return findings.open > 0 ? null : findings.unannounced;
  }

  return {
    async list(viewer: Viewer, page: number, pageSize: number): Promise<ToldRuns> {
      const { items, meta } = await runs.list(viewer.account.id, page, pageSize);
      const told = items.map(async (run) => ({ ...run, unannounced: await unannounced(viewer, run) }));
      return { items: await Promise.all(told), meta };
    },
  };
}

const pages = z.object({
  page: z.coerce.number().int().min(1).max(1_000_000).default(1),
  page_size: z.coerce.number().int().min(1).max(200).default(50),
});

/** `/api/v1/sync/runs`. */
export function addRuns(router: Router, parts: RunParts, signedIn: SignedIn): void {
  const runs = createRuns(parts);
  router.get(
    '/sync/runs',
    signedIn(async (viewer, request, response) => {
      const query = pages.safeParse(filledIn(request.query));
      if (!query.success) return problem(response, 400, 'bad_query', complaintOf(query.error));
      return response.json(await runs.list(viewer, query.data.page, query.data.page_size));
    }),
  );
}
