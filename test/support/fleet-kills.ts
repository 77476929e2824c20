import { setTimeout as pause } from 'node:timers/promises';
import type { Fleet, Post } from './fleet.ts';
import { until } from './until.ts';
import { bodyOf, deliver } from './webhook.ts';

export interface KillPlan {
  kills: number;
  /** All that was acknowledged is reckoned up after so many of them. */
  atOnce: number;
  /** Milliseconds between two kills, and until the killed one is started again, at most. */
  everyMs: number;
  backAfterMs: number;
  /** Milliseconds between two webhooks, at most. */
  pauseMs: number;
  /** Before that, while notifications still come in, the database is cut and put back so many times. */
  cuts: number;
  say: (line: string) => void;
}

export interface FleetSurvival {
  /** By role. */
  kills: Record<Post['role'], number>;
  acknowledged: number;
  /** Webhooks that got no answer, or another one than 200, and were told again. */
  refused: number;
  /** Tasks that killed workers had in hand. */
  deserted: number;
  /** The longest time until another one had such a task while any worker was up, and in all, milliseconds. */
  takenUpMs: number;
  takenUpInAllMs: number;
  /** Kills of a process that was not up yet. */
  starting: number;
  /** How often the database was cut, and the longest until a receiver took something again after it was back, milliseconds. */
  cuts: number;
  backMs: number;
  /** What was wrong, a sentence each. */
  problems: string[];
}

const NOTICED_WITHIN_MS = 10_000;
const BACK_WITHIN_MS = 30_000;

/** What the provider makes them wait: a slow one has more to be killed in. */
const LATENCIES_MS = [0, 20, 300] as const;

/** Kills processes of all roles at random instants while notifications come in, and has them started again a random while later. */
export async function killAtRandom(fleet: Fleet, plan: KillPlan): Promise<FleetSurvival> {
  const { random, sandbox } = fleet;
  const { kills, atOnce, everyMs, backAfterMs, say } = plan;
  const survival: FleetSurvival = {
    kills: { receive: 0, work: 0 },
    acknowledged: 0,
    refused: 0,
    deserted: 0,
    takenUpMs: 0,
    takenUpInAllMs: 0,
    starting: 0,
    cuts: 0,
    backMs: 0,
    problems: [],
  };
  const up = new Set<Post>(fleet.posts);
  const watch = watchDeserted(fleet, () => fleet.workers.some((worker) => up.has(worker)));
  const coming = new Set<Promise<void>>();
  const tellings: ReturnType<typeof tell>[] = [];
  try {
    for (let done = 0; done < kills && survival.problems.length === 0; ) {
      const telling = tell(fleet, plan.pauseMs);
      tellings.push(telling);
      for (const end = Math.min(done + atOnce, kills); done < end; done += 1) {
        await pause(random.integer(0, everyMs));
        sandbox.faults.set({ latencyMs: random.pick([...LATENCIES_MS]) });
        await killOne();
      }
      if (plan.cuts > 0) await Promise.all(coming);
      for (let cut = 0; cut < plan.cuts; cut += 1) await cutDatabase();
      const { acknowledged, refused } = await telling.stop();
      sandbox.faults.clear();
      survival.acknowledged += acknowledged;
      survival.refused += refused;
      const problems = await fleet.reckon();
      survival.problems.push(...problems.map((problem) => `Kill ${done}: ${problem}`));
      say(`${done} kills, ${survival.acknowledged} notifications acknowledged, ${problems.length} problems`);
    }
    await Promise.all(coming);
    // What no receiver took is told now, and everybody is there: from here on both sides are the same.
    await fleet.burst(0).over;
    survival.problems.push(...(await fleet.reckon()));
    const twice = fleet.overlaps().map((name) => `Asked for twice at once: ${name}.`);
    survival.problems.push(...twice, ...(await fleet.differences()));
  } finally {
    await Promise.all(tellings.map((telling) => telling.stop()));
    const { left, ...watched } = await watch.stop();
    Object.assign(survival, watched);
    if (left > 0) survival.problems.push(`${left} tasks of killed workers were never taken up.`);
  }
  return survival;

  async function killOne(): Promise<void> {
    const [first, ...rest] = fleet.posts.filter((post) => post.isManned());
    if (!first) {
      await Promise.race(coming);
      return killOne();
    }
    const post = random.pick([first, ...rest]);
    survival.kills[post.role] += 1;
    if (!up.delete(post)) survival.starting += 1;
    await post.kill();
    if (post.role === 'work') watch.killed();
    const back = comeBack(post).finally(() => coming.delete(back));
    coming.add(back);
  }

  /** Each receiver says so while the database is away, and takes what comes by itself when it is back. */
  async function cutDatabase(): Promise<void> {
    const { cluster, receivers } = fleet;
    watch.rest();
    const answers = (status: number, within: number) =>
      Promise.all(receivers.map((each) => until(async () => (await knock(each)) === status, within)));
    const knock = async (post: Post) => (await deliver(fleet.urlOf(post), bodyOf())).status;
    await cluster.cut();
    survival.cuts += 1;
    try {
      await answers(503, NOTICED_WITHIN_MS);
      await pause(random.integer(0, 2_000));
    } finally {
      await cluster.restore();
    }
    const began = performance.now();
    await answers(200, BACK_WITHIN_MS);
    survival.backMs = Math.max(survival.backMs, performance.now() - began);
  }

  async function comeBack(post: Post): Promise<void> {
    await pause(random.integer(0, backAfterMs));
    post.start();
    await post.up().then(
      () => void up.add(post),
      (error: unknown) => {
        // It may have been killed again on its way; then somebody else starts it.
        if (post.isManned()) survival.problems.push(`${post.name} did not start: ${error}`);
      },
    );
  }
}

/** One burst after the other. */
function tell(fleet: Fleet, pauseMs: number) {
  let stopped = false;
  let burst = fleet.burst(pauseMs);
  const counts = { acknowledged: 0, refused: 0 };
  const telling = (async () => {
    for (;;) {
      await burst.over;
      const { sent, acknowledged, notifications } = burst.count;
      counts.acknowledged += notifications;
      counts.refused += sent - acknowledged;
      if (stopped) return counts;
      burst = fleet.burst(pauseMs);
    }
  })();
  return {
    stop() {
      stopped = true;
      void burst.stop();
      return telling;
    },
  };
}

const LOOK_MS = 200;
/** The server has noticed by then that a process is gone. What is without a lock later is so for another reason. */
const NOTICED_MS = 2_000;

// As `recover` sees it: in hand, and nobody has its lock.
const DESERTED = `
  WITH locks AS (
    SELECT (classid::bigint << 32) | objid::bigint AS lock FROM pg_locks
    WHERE locktype = 'advisory' AND objsubid = 1 AND granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
  SELECT seq FROM tasks WHERE state = 'active' AND lock_of(key_name(tasks)) NOT IN (SELECT lock FROM locks)`;
const STILL = 'SELECT seq FROM tasks WHERE seq = ANY (@seqs::bigint[])';

/** How long it takes until what a killed worker had in hand is in the hands of another one. */
function watchDeserted({ db }: Fleet, isAnyUp: () => boolean) {
  /** By the sequence of the claim: since when, and for how long of that nobody was there who could take it up. */
  const waiting = new Map<number, { since: number; alone: number }>();
  const watched = { deserted: 0, takenUpMs: 0, takenUpInAllMs: 0 };
  let killedAt = Number.NEGATIVE_INFINITY;
  let stopped = false;
  const watching = (async () => {
    for (let last = performance.now(); !stopped; ) {
      // The database may be away.
      await look().catch(() => {});
      await pause(LOOK_MS);
      const now = performance.now();
      if (!isAnyUp()) for (const each of waiting.values()) each.alone += now - last;
      last = now;
    }
    await look();
  })();

  async function look(): Promise<void> {
    if (performance.now() < killedAt + NOTICED_MS) await findDeserted();
    if (waiting.size === 0) return;
    // Whoever claims a task has another sequence.
    const still = new Set((await db.all<{ seq: number }>(STILL, { seqs: [...waiting.keys()] })).map(({ seq }) => seq));
    for (const [seq, { since, alone }] of waiting) {
      if (still.has(seq)) continue;
      const inAll = performance.now() - since;
      watched.takenUpMs = Math.max(watched.takenUpMs, inAll - alone);
      watched.takenUpInAllMs = Math.max(watched.takenUpInAllMs, inAll);
      waiting.delete(seq);
    }
  }

  async function findDeserted(): Promise<void> {
    for (const { seq } of await db.all<{ seq: number }>(DESERTED)) {
      if (waiting.has(seq)) continue;
      watched.deserted += 1;
      waiting.set(seq, { since: killedAt, alone: 0 });
    }
  }

  return {
    killed: () => {
      killedAt = performance.now();
    },
    /** Locks are about to go for another reason. */
    rest: () => {
      killedAt = Number.NEGATIVE_INFINITY;
    },
    async stop() {
      stopped = true;
      await watching;
      return { ...watched, left: waiting.size };
    },
  };
}
