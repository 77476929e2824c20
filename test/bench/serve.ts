import { openApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import { answer } from './answer.ts';
import { watchLoop } from './measure.ts';

/** What has passed through the inbox since the start. */
export interface Counts {
  /** Notifications out of deliveries that were made into tasks or joined to one that waited. */
  taken: number;
  /** Notifications that a claimed task stood for. */
  claimed: number;
  claims: number;
}

/** The whole program, as `slipstream serve` runs it, with two counters in front of its inbox. */
const config = readConfig(process.env);
const app = await openApp(config, createLog(config.logLevel));
const counts: Counts = { taken: 0, claimed: 0, claims: 0 };
const { take, takeNext, exchange } = app.inbox;

app.inbox.take = async (taken) => {
  await take(taken);
  for (const { notifications } of taken) counts.taken += notifications.length;
};
app.inbox.takeNext = async (limit, read) => {
  const next = await takeNext(limit, read);
  counts.taken += next.accounts.length;
  return next;
};
app.inbox.exchange = async (settlements, request) => {
  const claims = await exchange(settlements, request);
  counts.claims += claims.length;
  for (const claim of claims) counts.claimed += claim.notifications;
  return claims;
};

answer(
  {
    listening: () => ({ url: app.url }),
    intakeSettled: () => app.intake.settled(),
    settled: () => app.settled(),
    counts: () => counts,
    stalls: watchLoop(),
  },
  () => app.close(),
);
