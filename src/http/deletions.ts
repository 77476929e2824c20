import express, { type Request, type Response, type Router } from 'express';
import { z } from 'zod';
import { BRAKE_WINDOW_MS, brakeLimit, brakeReason } from '../brake.ts';
import { pinsOf } from '../sources/source.ts';
import type { Account } from '../storage/accounts.ts';
import type { Inbox } from '../storage/inbox.ts';
import type { HeldItem, Items } from '../storage/items.ts';
import type { Signals } from '../storage/signals.ts';
import type { DeletionsReport, Held } from '../storage/sync.ts';
import { type AccountRef, type Key, type Notification, RIDERS } from '../vocabulary.ts';
import type { SignedIn, Viewer } from './auth.ts';
import { problem } from './problem.ts';

export interface DeletionParts {
  inbox: Inbox;
  items: Items;
  /** The verbs of `items` that write, by way of a worker. */
  itemVerbs: Pick<Items, 'confirmHeld' | 'confirmKept' | 'keepHeld'>;
  signals: Pick<Signals, 'changed' | 'due'>;
  now: () => number;
}

/** As `through` of a list says it, and nothing newer than what was shown with it. */
const answered = z.object({ through: z.iso.datetime({ precision: 3 }).transform((value) => Date.parse(value)) });

/** What the brake holds, and the owner's answers to it, for the page and the API. An answer is about what was shown, and no more. */
export function createDeletions({ inbox, items, itemVerbs, signals, now }: DeletionParts) {
  function asked(key: Key): Notification {
    return { key, origin: 'person', action: 'asked for', learntAt: now(), announcesDeletion: false };
  }

  return {
    async report(account: Account): Promise<DeletionsReport> {
      const losses = await items.lossesSince(account.id, now() - BRAKE_WINDOW_MS);
      const held = (await items.held(account.id)).map(heldOf);
      const kept = (await items.kept(account.id)).map(heldOf);
      return {
        items: held,
        meta: {
          total: held.length,
          through: latest(held),
          limit: brakeLimit(losses),
          deleted: losses.deleted,
          reason: held.length === 0 ? null : brakeReason(losses, account.source),
        },
        kept: { items: kept, meta: { total: kept.length, through: latest(kept) } },
      };
    },

    /** @returns how many became tombstones. */
    async confirm(account: Account, through: number): Promise<number> {
      const confirmed = await itemVerbs.confirmHeld(account.id, through, now());
      signals.changed(account.user_id);
      return confirmed;
    },

    async confirmKept(account: Account, through: number): Promise<number> {
      const confirmed = await itemVerbs.confirmKept(account.id, through, now());
      signals.changed(account.user_id);
      return confirmed;
    },

    /** They stay. What went through before the brake was on is asked for again too: most likely it went the same way. */
    async refuse(account: Account, through: number): Promise<number> {
      const ref: AccountRef = { source: account.source, account: account.user_id };
      const kept = await itemVerbs.keepHeld(account.id, through, now());
      const gone = await items.unannouncedSince(account.id, now() - BRAKE_WINDOW_MS);
      const again = [...kept, ...gone].map((item) => asked({ ...ref, ...item }));
      // Only riders pin.
      await inbox.enqueue(ref.source === RIDERS ? [...again, asked(pinsOf(ref))] : again);
      signals.due();
      signals.changed(account.user_id);
      return kept.length;
    },
  };
}

function heldOf({ at, happenedAt, ...item }: HeldItem): Held {
  return { ...item, happened_at: happenedAt, since: new Date(at).toISOString() };
}

const latest = (items: readonly Held[]): string | null =>
  items.reduce<string | null>((last, { since }) => (last === null || since > last ? since : last), null);

/** @returns undefined when the answer does not say what it is about. */
export const throughIn = (body: unknown): number | undefined => answered.safeParse(body).data?.through;

/** `/api/v1/deletions`. */
export function addDeletions(router: Router, parts: DeletionParts, signedIn: SignedIn): void {
  const deletions = createDeletions(parts);
  const json = express.json({ limit: '1kb' });

  router.get(
    '/deletions',
    signedIn(async (viewer, _request, response) => response.json(await deletions.report(viewer.account))),
  );

  type Answer = (account: Account, through: number) => Promise<number>;
  const answerWith = (answer: Answer, word: string) =>
    signedIn(async (viewer: Viewer, request: Request, response: Response) => {
      const through = throughIn(request.body);
      if (through === undefined) return problem(response, 400, 'no_through', NO_THROUGH);
      return response.json({ [word]: await answer(viewer.account, through) });
    });

  router.post('/deletions/confirm', json, answerWith(deletions.confirm, 'confirmed'));
  router.post('/deletions/refuse', json, answerWith(deletions.refuse, 'kept'));
  router.post('/deletions/kept/confirm', json, answerWith(deletions.confirmKept, 'confirmed'));
}

export const NO_THROUGH =
  'Send {"through":"…"} as GET /api/v1/deletions gave it, so that only what you were shown is answered for. Nothing was changed.';
