import type { Database } from 'better-sqlite3';
import type { Claim } from '../../vocabulary.ts';
import type { ClaimRequest, Finding, Settlement, Tasks } from '../inbox.ts';
import { createClaims } from './claims.ts';
import type { Enqueue } from './enqueue.ts';
import type { Write } from './group-commit.ts';
import { createSettle } from './settle.ts';

export function createTasks(db: Database, write: Write, enqueue: Enqueue): Tasks {
  const claims = createClaims(db);
  const settle = createSettle(db, enqueue);
  const insertFinding = db.prepare(`
    INSERT INTO findings (source, account, type, item_id, action, happened_at, found_at, known)
    VALUES (@source, @account, @type, @id, @action, @happenedAt, @foundAt, @known) ON CONFLICT DO NOTHING`);
  // A task that was in flight at a crash may be what caused it, so it waits longer each time.
  const recover = db.prepare(`
    UPDATE tasks SET state = 'pending', claimed_generation = NULL,
      due_at = claimed_at + iif(attempts < 3, 0, 1000 << min(attempts, 12))
    WHERE state = 'active'`);
  const last = db.prepare<[], number>("SELECT value FROM marks WHERE name = 'seq'").pluck();
  const raise = db.prepare<[number]>("UPDATE marks SET value = max(value, ?) WHERE name = 'seq'");

  let recovered = false;

  function exchange(settlements: readonly Settlement[], request: ClaimRequest): Claim[] {
    for (const settlement of settlements) settle(settlement, request.now);
    return claims(request);
  }

  return {
    enqueue: (notifications, findings: readonly Finding[] = []) =>
      write(() => {
        enqueue(notifications);
        for (const { key, ...finding } of findings)
          insertFinding.run({ ...key, ...finding, known: Number(finding.known) });
      }),
    exchange: (settlements, request) => write(() => exchange(settlements, request)),
    // One process at a time has the file: what is in flight when it begins is of one that is gone, and later on its own.
    async recover() {
      if (recovered) return 0;
      const changes = await write(() => recover.run().changes);
      recovered = true;
      return changes;
    },
    sequence: async () => last.get() ?? 0,
    raiseSequence: (seq) => write(() => void raise.run(seq)),
  };
}
