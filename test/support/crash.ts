import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import type { DatabaseName } from '../../src/storage/migrate.ts';
import { openMirrorForReading } from '../../src/storage/sqlite/mirror.ts';
import { differences } from '../histories/agreement.ts';
import type { Burst } from './burst.ts';
import { openScene, type Scene, type Served } from './scene.ts';
import { inspectWreck, type Wreck } from './wreck.ts';

/** However an instant is chosen, it comes within this. */
const PATIENCE_MS = 1_500;

/** Where a kill fell, as the files show it afterwards. One kill may be in the middle of several things. */
const PHASES = {
  'before a delivery was committed': ({ sent, stored }: Fall) => sent > stored,
  'after a commit, before its answer was read': ({ stored, acknowledged }: Fall) => stored > acknowledged,
  'after the answer, before the tasks were made': ({ wreck }: Fall) => wreck.untaken > 0,
  'during a fetch': ({ wreck }: Fall) => wreck.active > wreck.applied,
  "between the mirror's commit and the task's end": ({ wreck }: Fall) => wreck.applied > 0,
  'during a backfill': ({ wreck }: Fall) => wreck.backfills > 0,
  'during the start': ({ starting }: Fall) => starting,
} as const;
export type Phase = keyof typeof PHASES;

interface Fall {
  /** Requests of the burst: sent, found on disk, answered with 200. */
  sent: number;
  stored: number;
  acknowledged: number;
  wreck: Wreck;
  /** It was not up yet. */
  starting: boolean;
}

export interface Survival {
  seed: number;
  kills: number;
  /** After so many of them everything acknowledged was applied, nothing was stuck, and both files were whole. */
  survived: number;
  /** Notifications that were acknowledged in all. */
  acknowledged: number;
  phases: Record<Phase, number>;
  /** What was wrong, a sentence each. */
  problems: string[];
}

/** Waits for the instant of the kill, while a burst is on. */
type Wait = (scene: Scene, burst: Burst, served: Served, kill: number) => Promise<unknown>;

interface Aim {
  /** All webhooks of the burst at once: then some are answered while others are being read. */
  volley?: true;
  at: Wait;
}

const atAnyTime: Aim = { at: ({ random }) => pause(random.integer(0, 400)) };

/** Each waits for something that can be seen from outside; how often, is for the seed to say. */
const AIMS: Aim[] = [
  { at: ({ random }) => pause(random.integer(0, 20)) },
  { at: (scene) => moved(scene, 'inbox', COMMITS, scene.random.integer(1, 12)) },
  { volley: true, at: ({ random }, burst) => reached(() => burst.count.acknowledged, random.integer(1, 4)) },
  { at: (scene) => moved(scene, 'inbox', TAKEN, scene.random.integer(1, 2)) },
  { at: ({ sandbox, random }) => reached(() => sandbox.concurrent().current, random.integer(1, 4)) },
  { at: (scene) => moved(scene, 'mirror', COMMITS, scene.random.integer(1, 12)) },
  { at: duringBackfill },
  atAnyTime,
];

async function duringBackfill(
  { sandbox, random, newcomer, connecting }: Scene,
  _: Burst,
  served: Served,
  kill: number,
) {
  const rider = newcomer(kill);
  void connecting(served, rider);
  await reached(() => sandbox.requests.filter((request) => request.rider === rider).length, random.integer(1, 16));
}

/**
 * Kills it again and again, starts it again each time, and checks each time what was acknowledged until then; ends early where
 * something is wrong.
 */
export async function surviveKills(plan: {
  kills: number;
  seed: number;
  say: (line: string) => void;
}): Promise<Survival> {
  const { kills, seed, say } = plan;
  const scene = await openScene({ seed, newcomers: kills });
  const phases = Object.fromEntries(Object.keys(PHASES).map((phase) => [phase, 0])) as Record<Phase, number>;
  const survival: Survival = { seed, kills: 0, survived: 0, acknowledged: 0, phases, problems: [] };
  try {
    const began = performance.now();
    let served = scene.serve();
    await served.url();
    const startMs = performance.now() - began;
    await scene.connect(served);
    for (let round = 0; survival.kills < kills && survival.problems.length === 0; round += 1) {
      const aim = AIMS[round % (AIMS.length + 1)];
      const falls = [await killInBurst(scene, served, aim ?? atAnyTime, survival.kills)];
      // The last aim is at the start: what the first kill left is to be recovered, and that is cut off too.
      if (!aim && survival.kills + falls.length < kills) falls.push(await killAtStart(scene, startMs));
      served = scene.serve();
      await served.url();
      const problems = await scene.reckon();
      for (const fall of falls) count(fall);
      survival.kills += falls.length;
      if (problems.length === 0) survival.survived += falls.length;
      survival.problems.push(...problems.map((problem) => `Kill ${survival.kills}: ${problem}`));
      say(`${survival.kills} kills, ${survival.acknowledged} notifications acknowledged, ${problems.length} problems`);
    }
    if (survival.problems.length === 0) survival.problems.push(...(await compareAll(scene, served)));
  } finally {
    await scene.close();
  }
  return survival;

  function count(fall: Fall & { notifications: number }): void {
    survival.acknowledged += fall.notifications;
    for (const [phase, isIn] of Object.entries(PHASES)) if (isIn(fall)) phases[phase as Phase] += 1;
  }
}

async function killInBurst(scene: Scene, served: Served, aim: Aim, kill: number) {
  const before = scene.read('inbox', (db) => db.prepare('SELECT coalesce(max(id), 0) FROM deliveries').pluck().get());
  // Sometimes the provider is slow, so that there are fetches to be killed in.
  scene.sandbox.faults.set({ latencyMs: scene.random.pick([0, 0, 30]) });
  const burst = await scene.burst(served, aim.volley ? 0 : 8);
  await aim.at(scene, burst, served, kill);
  process.kill(served.pid, 'SIGKILL');
  await burst.stop();
  await served.ended;
  const wreck = inspectWreck(scene.dataDir);
  scene.sandbox.faults.clear();
  return { ...burst.count, stored: wreck.deliveries - Number(before), wreck, starting: false };
}

/** @param startMs - how long a start takes here: the kill falls into the later part of it, where there is something to recover. */
async function killAtStart(scene: Scene, startMs: number) {
  const served = scene.serve();
  const up = served.url().then(
    () => true,
    () => false,
  );
  const starting = !(await Promise.race([up, pause(scene.random.between(0.4, 1) * startMs, false)]));
  process.kill(served.pid, 'SIGKILL');
  await served.ended;
  const wreck = inspectWreck(scene.dataDir);
  return { sent: 0, acknowledged: 0, stored: 0, notifications: 0, wreck, starting };
}

/** With everything told once more and every rider connected, the mirror is what the provider has. */
async function compareAll(scene: Scene, served: Served): Promise<string[]> {
  const { world } = scene.sandbox;
  await (await scene.burst(served)).over;
  const problems = await scene.reckon();
  await scene.connect(served, scene.read('mirror', unlisted));
  const mirror = openMirrorForReading(scene.dataDir);
  for (const rider of world.riders()) {
    if (await mirror.accounts.find({ source: 'ridewithgps', account: String(rider.id) })) {
      problems.push(...(await differences({ sandbox: scene.sandbox, mirror }, rider.id)));
    }
  }
  await mirror.close();
  return problems;
}

/** Those who came in the middle of a crash, and of whom the provider had not told everything yet. */
const unlisted = (mirror: Database): number[] =>
  mirror.prepare<[], number>('SELECT CAST(user_id AS INTEGER) FROM accounts WHERE cursor IS NULL').pluck().all();

/** Changes whenever another connection has committed. */
const COMMITS = 'PRAGMA data_version';
const TAKEN = "SELECT value FROM marks WHERE name = 'taken'";

/** Until what can be read in a database has changed so often. */
function moved(scene: Scene, name: DatabaseName, query: string, wanted: number): Promise<void> {
  return scene.watch(name, async (db) => {
    const select = db.prepare<[], number>(query).pluck();
    let last = select.get();
    let changes = 0;
    await reached(() => {
      const now = select.get();
      if (now !== last) changes += 1;
      last = now;
      return changes;
    }, wanted);
  });
}

/** Looks in every turn of the event loop: the instants that are aimed at last for less than a millisecond. */
async function reached(count: () => number, wanted: number): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (count() < wanted && Date.now() < deadline) await turn();
}
