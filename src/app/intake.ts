import { createIntake, type Intake } from '../inbox.ts';
import { reconcileSoon } from '../jobs/jobs.ts';
import type { AccountRef } from '../vocabulary.ts';
import type { Foundations } from './foundations.ts';

/** A receiver that was killed may have left deliveries that are tasks nowhere yet. */
const SWEEP_EVERY_MS = 5_000;

/** Where deliveries become tasks: beside whoever receives them, and beside whoever works in case that one is gone. */
export function openIntake(foundations: Foundations, opened: AsyncDisposableStack): Intake {
  const { config, inbox, sources, seal, signals, jobs, onError } = foundations;
  const intake = opened.adopt(createIntake({ inbox, sources, seal, onTaken, onError }), (each) => each.close());
  if (config.databaseUrl !== undefined) {
    const sweeping = setInterval(intake.sweep, SWEEP_EVERY_MS);
    opened.defer(() => clearInterval(sweeping));
  }

  function onTaken(refs: AccountRef[]): void {
    signals.due();
    for (const ref of new Map(refs.map((each) => [`${each.source} ${each.account}`, each])).values()) {
      signals.changed(ref.account);
      // A sweep of everything is nothing for after each webhook.
      if (config.reconcileCron && sources.get(ref.source)?.changesSince) reconcileSoon(jobs, ref).catch(onError);
    }
  }

  return intake;
}
