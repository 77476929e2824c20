-- database: inbox
-- What only many processes need: what they share, and what takes many short steps is done where the rows are.

-- A small map that every process sees; see `storage/board.ts`.
CREATE TABLE board (
  name  text COLLATE "C" PRIMARY KEY,
  value text NOT NULL               -- JSON, as it was put
);

-- The lock of what one process does and no other may: session locks of keys, and transaction locks of accounts while tasks are chosen.
CREATE FUNCTION lock_of(name text) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN hashtextextended(name, 0);

CREATE FUNCTION key_name(task tasks) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 'key ' || task.source || ' ' || task.account || ' ' || task.type || ' ' || task.item_id;

-- Chooses what to fetch next: what happens now before what is caught up before a backfill, and within that one task an account in
-- turn, so that a rider with ten thousand waiting tasks delays nobody. Each step is a seek in an index: the cost grows with the accounts
-- that have waiting tasks, not with the tasks. Every task that is given out has its key's session lock.
--
-- `round_sources` and `round_accounts` say where the round of each priority stopped: only a matter of fairness, and each process's own.
-- Of the tasks of a source, or with an account of that one, claimed at `limit_since` or later, `limit_most` may be active, in all processes
-- together. `running` is never given out: who calls has it.
-- A last row without an id says that another process was choosing for an account at that moment: there may be more in a moment.
CREATE FUNCTION claim_tasks(
  room integer, per_account integer, at bigint, round_sources text[], round_accounts text[],
  limit_sources text[], limit_accounts text[], limit_most integer[], limit_since bigint[], running bigint[]
) RETURNS SETOF tasks LANGUAGE plpgsql
-- A plan that was made while the table was small must not be one for a small table.
SET enable_seqscan = off SET enable_sort = off SET enable_bitmapscan = off AS $$
DECLARE
  last_account CONSTANT text := U&'\+10FFFF';
  claimed integer := 0;
  -- Tasks, sources and accounts that are not asked about any more.
  passed bigint[] := running;
  closed_sources text[] := '{}';
  closed_accounts text[] := '{}';
  limit_left integer[] := limit_most;
  contended boolean := false;
  wrapped boolean;
  this_source text COLLATE "C";
  this_account text COLLATE "C";
  from_source text COLLATE "C";
  from_account text COLLATE "C";
  next_source text COLLATE "C";
  next_account text COLLATE "C";
  this_name text;
  task tasks;
  got boolean;
BEGIN
  WHILE claimed < room LOOP
    SELECT * INTO task FROM tasks t WHERE t.state = 'pending' AND t.priority = -1 AND t.due_at <= at AND t.id <> ALL (passed)
      ORDER BY t.due_at LIMIT 1 FOR UPDATE SKIP LOCKED;
    EXIT WHEN NOT FOUND;
    passed := passed || task.id;
    CONTINUE WHEN NOT pg_try_advisory_lock(lock_of(key_name(task)));
    UPDATE tasks t SET state = 'active', claimed_generation = generation, claimed_at = at, seq = nextval('fetch_sequence'),
      attempts = attempts + 1 WHERE t.id = task.id RETURNING * INTO task;
    RETURN NEXT task;
    claimed := claimed + 1;
  END LOOP;

  -- Where something is limited one process counts at a time. Nothing else is waited for from here on, so nobody waits in a circle.
  FOR i IN 1..cardinality(limit_most) LOOP
    IF limit_most[i] > 0 THEN
      PERFORM pg_advisory_xact_lock(lock_of('limits'));
      limit_left[i] := limit_most[i] - (SELECT count(*) FROM tasks t WHERE t.state = 'active' AND t.source = limit_sources[i]
        AND limit_accounts[i] IN ('', t.account) AND t.claimed_at >= limit_since[i]);
    END IF;
    CONTINUE WHEN limit_left[i] > 0;
    IF limit_accounts[i] = '' THEN closed_sources := closed_sources || limit_sources[i];
    ELSE closed_accounts := closed_accounts || (limit_sources[i] || ' ' || limit_accounts[i]);
    END IF;
  END LOOP;

  FOR this_priority IN 0..2 LOOP
    this_source := round_sources[this_priority + 1];
    this_account := round_accounts[this_priority + 1];
    wrapped := false;
    WHILE claimed < room LOOP
      -- The next account of which something may be given out. Priority is in the order and in no condition: else another index looks as good,
      -- in which the ten thousand tasks of one account lie in the way.
      WITH RECURSIVE walk AS (
        (SELECT t.priority, t.source, t.account FROM tasks t
          WHERE t.state = 'pending' AND (t.priority, t.source, t.account) > (this_priority, this_source, this_account)
          ORDER BY t.priority, t.source, t.account LIMIT 1)
        UNION ALL
        SELECT n.* FROM walk w CROSS JOIN LATERAL (
          SELECT t.priority, t.source, t.account FROM tasks t
          WHERE t.state = 'pending' AND (t.priority, t.source, t.account) >
            (w.priority, w.source, CASE WHEN w.source = ANY (closed_sources) THEN last_account ELSE w.account END)
          ORDER BY t.priority, t.source, t.account LIMIT 1) n
        WHERE w.priority = this_priority AND (NOT wrapped OR (w.source, w.account) < (from_source, from_account))
      )
      SELECT w.source, w.account INTO next_source, next_account FROM walk w
      WHERE w.priority = this_priority AND w.source <> ALL (closed_sources) AND (w.source || ' ' || w.account) <> ALL (closed_accounts)
        AND (SELECT t.due_at FROM tasks t WHERE t.state = 'pending' AND t.priority = this_priority AND t.source = w.source
          AND t.account = w.account ORDER BY t.due_at LIMIT 1) <= at
        AND (SELECT true FROM queues q WHERE q.source = w.source AND q.account = w.account
          AND (q.paused_until > at OR q.parked IS NOT NULL)) IS NULL
        AND (SELECT count(*) FROM tasks a WHERE a.state = 'active' AND a.source = w.source AND a.account = w.account) < per_account
      LIMIT 1;
      IF NOT FOUND THEN
        EXIT WHEN wrapped;
        -- Once round: from the beginning to where this began.
        wrapped := true;
        from_source := this_source;
        from_account := this_account;
        this_source := '';
        this_account := '';
        CONTINUE;
      END IF;
      this_source := next_source;
      this_account := next_account;
      this_name := this_source || ' ' || this_account;

      got := false;
      IF NOT pg_try_advisory_xact_lock(lock_of('account ' || this_name)) THEN
        contended := true;
      -- Who had the lock until now may have begun something for this account.
      ELSIF (SELECT count(*) FROM tasks a WHERE a.state = 'active' AND a.source = this_source AND a.account = this_account) < per_account THEN
        WHILE NOT got LOOP
          SELECT * INTO task FROM tasks t
            WHERE t.state = 'pending' AND t.priority = this_priority AND t.source = this_source AND t.account = this_account
              AND t.due_at <= at AND t.id <> ALL (passed)
            ORDER BY t.due_at LIMIT 1 FOR UPDATE SKIP LOCKED;
          EXIT WHEN NOT FOUND;
          passed := passed || task.id;
          got := pg_try_advisory_lock(lock_of(key_name(task)));
          -- Somebody still has it in hand, and will say so when that is over.
          contended := contended OR NOT got;
        END LOOP;
      END IF;
      IF NOT got THEN
        closed_accounts := closed_accounts || this_name;
        CONTINUE;
      END IF;

      UPDATE tasks t SET state = 'active', claimed_generation = generation, claimed_at = at, seq = nextval('fetch_sequence'),
        attempts = attempts + 1 WHERE t.id = task.id RETURNING * INTO task;
      RETURN NEXT task;
      claimed := claimed + 1;
      wrapped := false;
      FOR i IN 1..cardinality(limit_left) LOOP
        CONTINUE WHEN limit_sources[i] <> this_source OR limit_accounts[i] NOT IN ('', this_account) OR at < limit_since[i];
        limit_left[i] := limit_left[i] - 1;
        CONTINUE WHEN limit_left[i] > 0;
        IF limit_accounts[i] = '' THEN closed_sources := closed_sources || this_source;
        ELSE closed_accounts := closed_accounts || this_name;
        END IF;
      END LOOP;
    END LOOP;
  END LOOP;
  IF contended THEN
    task := NULL;
    RETURN NEXT task;
  END IF;
END $$;

-- A partition for one day, made beside the table and then attached, so that nobody who stores a delivery waits for it. Where rows of that day are
-- apart already, they stay there and so do those that follow.
CREATE FUNCTION make_day(of_day integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  name text := 'deliveries_' || to_char(timestamptz 'epoch' AT TIME ZONE 'UTC' + of_day * interval '1 day', 'YYYY_MM_DD');
BEGIN
  IF to_regclass(name) IS NOT NULL THEN RETURN; END IF;
  PERFORM pg_advisory_xact_lock(lock_of('days'));
  IF to_regclass(name) IS NOT NULL OR EXISTS (SELECT FROM deliveries_apart WHERE day = of_day) THEN RETURN; END IF;
  EXECUTE format('CREATE TABLE %I (LIKE deliveries INCLUDING ALL, CHECK (day = %s))', name, of_day);
  EXECUTE format('ALTER TABLE deliveries ATTACH PARTITION %I FOR VALUES IN (%s)', name, of_day);
END $$;

-- Drops a day's deliveries. @returns how many they were; NULL where somebody else was quicker, or one that nobody took has come to it.
CREATE FUNCTION drop_day(of_day integer, name regclass) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  held bigint;
BEGIN
  EXECUTE format('SELECT count(*) FROM %s', name) INTO held;
  EXECUTE format('ALTER TABLE deliveries DETACH PARTITION %s', name);
  IF EXISTS (SELECT FROM arrivals WHERE day = of_day) THEN
    RAISE EXCEPTION USING ERRCODE = 'lock_not_available', MESSAGE = 'A delivery of this day has not been taken yet.';
  END IF;
  EXECUTE format('DROP TABLE %s', name);
  RETURN held;
END $$;
