-- database: inbox
-- What takes many short steps is done where the rows are.

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
-- `limit_left` are the claims that a source, or with an account that one, may still have. `running` is never given out: who calls has it.
-- A last row without an id says that another process was choosing for an account at that moment: there may be more in a moment.
CREATE FUNCTION claim_tasks(
  room integer, per_account integer, at bigint, round_sources text[], round_accounts text[],
  limit_sources text[], limit_accounts text[], limit_left integer[], running bigint[]
) RETURNS SETOF tasks LANGUAGE plpgsql
-- A plan that was made while the table was small must not be one for a small table.
SET enable_seqscan = off SET enable_sort = off SET enable_bitmapscan = off AS $$
DECLARE
  last_account CONSTANT text := U&'\+10FFFF';
  claimed integer := 0;
  passed bigint[] := running;
  turn record;
  failed record;
  task tasks;
  chosen bigint;
  closed boolean;
  contended boolean := false;
  this_source text;
  this_account text;
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

  FOR this_priority IN 0..2 LOOP
    this_source := round_sources[this_priority + 1];
    this_account := round_accounts[this_priority + 1];
    failed := NULL;
    WHILE claimed < room LOOP
      SELECT t.source, t.account INTO turn FROM tasks t
        WHERE t.state = 'pending' AND t.priority = this_priority AND (t.source, t.account) > (this_source, this_account)
        ORDER BY t.source, t.account LIMIT 1;
      IF NOT FOUND THEN
        SELECT t.source, t.account INTO turn FROM tasks t
          WHERE t.state = 'pending' AND t.priority = this_priority ORDER BY t.source, t.account LIMIT 1;
        EXIT WHEN NOT FOUND;
      END IF;
      this_source := turn.source;
      this_account := turn.account;
      -- Round once without finding anything: nobody has something due.
      EXIT WHEN failed IS NOT NULL AND turn = failed;

      closed := false;
      chosen := NULL;
      FOR i IN 1..cardinality(limit_left) LOOP
        CONTINUE WHEN limit_left[i] > 0 OR limit_sources[i] <> this_source OR limit_accounts[i] NOT IN ('', this_account);
        closed := true;
        -- Nobody of this source: on to the next one.
        IF limit_accounts[i] = '' THEN this_account := last_account; END IF;
      END LOOP;
      IF NOT closed THEN
        -- The two questions about the account are asked once, before any task is looked at.
        SELECT t.id INTO chosen FROM tasks t
          WHERE t.state = 'pending' AND t.priority = this_priority AND t.source = this_source AND t.account = this_account
            AND t.due_at <= at AND t.id <> ALL (passed)
            AND NOT EXISTS (SELECT FROM queues q WHERE q.source = this_source AND q.account = this_account
              AND (q.paused_until > at OR q.parked IS NOT NULL))
            AND (SELECT count(*) FROM tasks a WHERE a.state = 'active' AND a.source = this_source AND a.account = this_account) < per_account
          ORDER BY t.due_at LIMIT 1;
      END IF;
      IF chosen IS NOT NULL THEN
        IF NOT pg_try_advisory_xact_lock(lock_of('account ' || this_source || ' ' || this_account)) THEN
          contended := true;
          chosen := NULL;
        -- Who had the lock until now may have begun something for this account.
        ELSIF (SELECT count(*) FROM tasks a WHERE a.state = 'active' AND a.source = this_source AND a.account = this_account) >= per_account THEN
          chosen := NULL;
        END IF;
      END IF;
      WHILE chosen IS NOT NULL LOOP
        SELECT * INTO task FROM tasks t
          WHERE t.state = 'pending' AND t.priority = this_priority AND t.source = this_source AND t.account = this_account
            AND t.due_at <= at AND t.id <> ALL (passed)
          ORDER BY t.due_at LIMIT 1 FOR UPDATE SKIP LOCKED;
        IF NOT FOUND THEN
          chosen := NULL;
        ELSIF pg_try_advisory_lock(lock_of(key_name(task))) THEN
          EXIT;
        ELSE
          -- Somebody still has it in hand, and will say so when that is over.
          contended := true;
          passed := passed || task.id;
        END IF;
      END LOOP;

      IF chosen IS NULL THEN
        IF failed IS NULL THEN failed := turn; END IF;
        CONTINUE;
      END IF;
      UPDATE tasks t SET state = 'active', claimed_generation = generation, claimed_at = at, seq = nextval('fetch_sequence'),
        attempts = attempts + 1 WHERE t.id = task.id RETURNING * INTO task;
      RETURN NEXT task;
      claimed := claimed + 1;
      failed := NULL;
      FOR i IN 1..cardinality(limit_left) LOOP
        IF limit_sources[i] = this_source AND limit_accounts[i] IN ('', this_account) THEN
          limit_left[i] := limit_left[i] - 1;
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
