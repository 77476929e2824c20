import { createIntake, type Intake } from '../inbox.ts';
import { reconcileSoon } from '../jobs/jobs.ts';
import type { AccountRef } from '../vocabulary.ts';
import type { Foundations } from './foundations.ts';

/** A receiver makes tasks of a delivery within a moment; where it has not, it is gone, or has more than it can take. */
const LEFT_MS = 10_000;

/** Makes tasks of what was received: what this process has received itself, and with PostgreSQL what another one has left. */
export function openIntake(foundations: Foundations, opened: AsyncDisposableStack): Intake {
  const { config, inbox, sources, seal, signals, jobs, now, onError } = foundations;
  const intake = opened.adopt(createIntake({ inbox, sources, seal, onTaken, onError }), (each) => each.close());
  if (config.databaseUrl !== undefined) {
    const looking = setInterval(() => intake.takeLeft(now() - LEFT_MS), LEFT_MS);
    opened.defer(() => clearInterval(looking));
  }

  function onTaken(refs: AccountRef[]): void {
    signals.due();
    for (const ref of new Map(refs.map((each) => [`${each.source} ${each.account}`, each])).values()) {
      signals.changed(ref.account);
      // A sweep of everything is too much to do after each webhook.
      if (config.reconcileCron && sources.get(ref.source)?.changesSince) reconcileSoon(jobs, ref).catch(onError);
    }
  }

  return intake;
}
