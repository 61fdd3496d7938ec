-- Runs, their log, and its projections. The hot path: what an update changes is in no index, keys are few, and there is
-- no foreign key from events to runs nor from runs to versions (data-model.md has the figures; `pawl verify` checks them).
SET LOCAL ROLE pawl_owner;
SET LOCAL search_path = pawl;

CREATE TYPE run_status AS ENUM ('pending', 'running', 'waiting', 'suspended', 'cancelling', 'compensating',
                                'completed', 'faulted', 'cancelled', 'compensated', 'compensation_failed');
CREATE TYPE run_outcome AS ENUM ('completed', 'faulted', 'cancelled', 'compensated');
CREATE TYPE wait_kind AS ENUM ('timer', 'retry', 'timeout', 'signal', 'child', 'inquiry', 'continue');
CREATE TYPE invocation_status AS ENUM ('ready', 'leased', 'completing', 'resolved', 'quarantined');
CREATE TYPE invocation_resolution AS ENUM ('completed', 'failed', 'revoked', 'late');

CREATE TABLE workflow_runs (
  tenant_id uuid NOT NULL,
  run_id uuid NOT NULL,
  definition_id uuid NOT NULL,
  version_id uuid NOT NULL,
  lane smallint NOT NULL,                      -- the low 12 bits of run_id
  status run_status NOT NULL,
  revision integer NOT NULL,                   -- the seq of its last event; every commit compares it
  priority smallint NOT NULL DEFAULT 5,
  queue text,                                  -- the start request's; NULL: the document's, else 'default'
  trigger_kind text NOT NULL,                  -- what started it: 'api', later a schedule, a rule, a parent
  idempotency_key text,                        -- the start's; run_id is derived from it
  request_sha256 bytea,                        -- of the start's body as it was sent: another body under one key is refused
  correlation_id text,
  parent_run_id uuid,
  root_run_id uuid NOT NULL,                   -- itself when it has no parent
  started_at timestamptz NOT NULL,             -- ts of its first event
  updated_at timestamptz NOT NULL,             -- ts of its last event: also of a result that came after its end
  ended_at timestamptz,                        -- ts of the event that ended it; with outcome written once, at the end
  outcome run_outcome,
  suspended_reason text,                       -- why nothing is decided for it: its history cannot be folded
  CONSTRAINT workflow_runs_pkey PRIMARY KEY (tenant_id, run_id),
  CONSTRAINT workflow_runs_lane_check CHECK (lane BETWEEN 0 AND 4095),
  CONSTRAINT workflow_runs_revision_check CHECK (revision > 0),
  CONSTRAINT workflow_runs_priority_check CHECK (priority BETWEEN 0 AND 9),
  CONSTRAINT workflow_runs_ended_check CHECK ((ended_at IS NULL) = (outcome IS NULL)),
  CONSTRAINT workflow_runs_key_check CHECK (idempotency_key IS NULL OR (octet_length(idempotency_key) <= 255 AND request_sha256 IS NOT NULL)),
  CONSTRAINT workflow_runs_correlation_check CHECK (octet_length(correlation_id) <= 255),
  CONSTRAINT workflow_runs_queue_check CHECK (octet_length(queue) BETWEEN 1 AND 255)
) WITH (fillfactor = 85);
COMMENT ON TABLE workflow_runs IS 'one narrow row a run, updated in place; input and output are in the log';

CREATE INDEX workflow_runs_started_idx ON workflow_runs (tenant_id, started_at, run_id);
COMMENT ON INDEX workflow_runs_started_idx IS 'GET /v1/runs: a page of a tenant''s runs, newest first';
CREATE INDEX workflow_runs_open_idx ON workflow_runs (tenant_id, started_at, run_id) WHERE ended_at IS NULL;
COMMENT ON INDEX workflow_runs_open_idx IS 'GET /v1/runs of those that have not ended; law 5 of pawl verify';
CREATE INDEX workflow_runs_trouble_idx ON workflow_runs (tenant_id, started_at, run_id)
  WHERE ended_at IS NOT NULL AND outcome <> 'completed'::run_outcome;
COMMENT ON INDEX workflow_runs_trouble_idx IS 'GET /v1/runs of those that ended otherwise than completed';
-- Without the tenant and the run: a definition's id is one tenant's alone, and runs of one instant are sorted when read.
CREATE INDEX workflow_runs_definition_idx ON workflow_runs (definition_id, started_at);
COMMENT ON INDEX workflow_runs_definition_idx IS 'GET /v1/runs of one definition, newest first';

-- The log. Run first in the key: 20–31 % faster to write than tenant first. A key of a partitioned table must hold ts, so
-- it does not make seq unique; the compare of workflow_runs.revision in the same commit does.
CREATE TABLE workflow_events (
  tenant_id uuid NOT NULL,
  run_id uuid NOT NULL,
  seq integer NOT NULL,                        -- 1, 2, 3 … of the run, without a gap
  ts timestamptz NOT NULL,                     -- database time when it was decided; never falls along seq
  type text NOT NULL,                          -- docs/events.md
  path text,                                   -- execution id of the task; NULL for the run's own events
  epoch integer NOT NULL,                      -- the lane's when its owner took it; never falls along seq
  payload jsonb NOT NULL DEFAULT '{}',
  CONSTRAINT workflow_events_pkey PRIMARY KEY (run_id, seq, tenant_id, ts),
  CONSTRAINT workflow_events_seq_check CHECK (seq > 0)
) PARTITION BY RANGE (ts);
COMMENT ON TABLE workflow_events IS 'the log, the truth: append only, partitioned by month of ts in UTC';
CREATE INDEX workflow_events_type_idx ON workflow_events (type);
COMMENT ON INDEX workflow_events_type_idx IS 'events by type over all runs: reports and the statements printed in the seed';

-- No insert ever fails for want of a partition. No policy and no grant on a partition: by name it shows nothing.
CREATE TABLE workflow_events_default PARTITION OF workflow_events DEFAULT;
ALTER TABLE workflow_events_default ENABLE ROW LEVEL SECURITY;

-- What a run waits for. Closed = deleted, counted, in the batch of the event that closes it.
CREATE TABLE workflow_run_waits (
  tenant_id uuid NOT NULL,
  run_id uuid NOT NULL,
  wait_no integer NOT NULL,
  filter_no smallint NOT NULL DEFAULT 0,       -- a wait for signals has a row for each of its filters
  lane smallint NOT NULL,
  kind wait_kind NOT NULL,
  path text NOT NULL,                          -- execution id of the task that waits
  due_at timestamptz,
  opened_at timestamptz NOT NULL,
  CONSTRAINT workflow_run_waits_pkey PRIMARY KEY (tenant_id, run_id, wait_no, filter_no),
  CONSTRAINT workflow_run_waits_lane_check CHECK (lane BETWEEN 0 AND 4095),
  CONSTRAINT workflow_run_waits_due_check CHECK (due_at IS NOT NULL OR kind NOT IN ('timer', 'retry', 'timeout', 'continue'))
);
COMMENT ON TABLE workflow_run_waits IS 'open waits: a projection of the log, read by lane at recovery and by the timers'' refill';
CREATE INDEX workflow_run_waits_due_idx ON workflow_run_waits (due_at, lane) WHERE due_at IS NOT NULL;
COMMENT ON INDEX workflow_run_waits_due_idx IS 'timers: what is due before a horizon in the lanes of a loop (time first: lane first reads 12,000 pages)';

-- One action performed for one task, through all its attempts: the row outlives it, so that a repeated completion is
-- told apart from a stale one. Delivery (lease, worker, deaths) is here alone; the rest is a projection of the log.
CREATE TABLE workflow_action_invocations (
  tenant_id uuid NOT NULL,
  invocation_id uuid NOT NULL,                 -- derived from (tenant, action, idempotency key)
  run_id uuid NOT NULL,
  path text NOT NULL,
  event_seq integer NOT NULL,                  -- the event that holds its input
  event_ts timestamptz NOT NULL,
  lane smallint NOT NULL,
  queue text NOT NULL,                         -- '@http' for the calls that the engine does itself
  action text NOT NULL,
  action_version text NOT NULL DEFAULT '',
  idempotency_key text NOT NULL,
  priority smallint NOT NULL DEFAULT 5,
  status invocation_status NOT NULL,
  resolution invocation_resolution,            -- how it ended; NULL while open
  attempt integer NOT NULL DEFAULT 1,
  lease integer NOT NULL DEFAULT 0,            -- +1 with each claim; a number never repeats
  deaths integer NOT NULL DEFAULT 0,           -- claims since the last progress; five end it
  worker text,
  leased_until timestamptz,
  available_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  resolved_at timestamptz,
  CONSTRAINT workflow_action_invocations_pkey PRIMARY KEY (tenant_id, invocation_id),
  CONSTRAINT workflow_action_invocations_lane_check CHECK (lane BETWEEN 0 AND 4095),
  CONSTRAINT workflow_action_invocations_count_check CHECK (attempt > 0 AND lease >= 0 AND deaths >= 0),
  CONSTRAINT workflow_action_invocations_end_check CHECK (
    (status IN ('resolved', 'quarantined')) = (resolved_at IS NOT NULL) AND (resolution IS NULL) = (resolved_at IS NULL))
) WITH (fillfactor = 70);
COMMENT ON TABLE workflow_action_invocations IS 'work for workers and the engine''s own HTTP calls, with its delivery';
CREATE INDEX workflow_action_invocations_open_idx ON workflow_action_invocations (lane, invocation_id) WHERE resolved_at IS NULL;
COMMENT ON INDEX workflow_action_invocations_open_idx IS 'recovery: open invocations of a loop''s lanes, in windows';
CREATE INDEX workflow_action_invocations_run_idx ON workflow_action_invocations (tenant_id, run_id);
COMMENT ON INDEX workflow_action_invocations_run_idx IS 'a run''s invocations: when it is loaded, and GET /v1/runs/{id}/steps; law 5';

SELECT secure_tenant_table(t) FROM unnest(ARRAY['workflow_runs', 'workflow_events', 'workflow_run_waits',
                                                'workflow_action_invocations']::regclass[]) AS t;
GRANT SELECT ON workflow_runs, workflow_events, workflow_run_waits, workflow_action_invocations TO pawl_engine, pawl_app, pawl_reader;
GRANT INSERT ON workflow_runs, workflow_events, workflow_run_waits, workflow_action_invocations TO pawl_engine;
GRANT UPDATE ON workflow_runs, workflow_action_invocations TO pawl_engine;
GRANT DELETE ON workflow_run_waits TO pawl_engine;

-- The partitions of the log with their bounds, by bounds and not by names; the DEFAULT partition is not among them.
-- TimeZone is pinned because pg_get_expr prints the bounds in the session's.
CREATE FUNCTION workflow_events_partitions(OUT partition regclass, OUT starts_at timestamptz, OUT ends_at timestamptz)
RETURNS SETOF record LANGUAGE plpgsql STABLE SET TimeZone = 'UTC' AS $$
BEGIN
  RETURN QUERY
  SELECT c.oid::regclass, b.bounds[1]::timestamptz, b.bounds[2]::timestamptz
  FROM pg_inherits i
  JOIN pg_class c ON c.oid = i.inhrelid
  CROSS JOIN LATERAL regexp_match(pg_get_expr(c.relpartbound, c.oid), '^FOR VALUES FROM \(''(.+)''\) TO \(''(.+)''\)$') AS b(bounds)
  WHERE i.inhparent = 'pawl.workflow_events'::regclass AND b.bounds IS NOT NULL
  ORDER BY 2;
END $$;

-- The partition of the period that holds this day (in UTC), made and secured if it is not there; returns its name.
-- Any number of sessions may call it at once. Errors: 23514 when rows of the period are in the DEFAULT partition, 55P03
-- when the DEFAULT partition stays locked longer than 50 ms.
CREATE FUNCTION create_workflow_events_partition(day date) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC' SET lock_timeout = '5s' AS $$
DECLARE
  period_start constant timestamptz := date_trunc('month', day::timestamp) AT TIME ZONE 'UTC';
  period_end constant timestamptz := (date_trunc('month', day::timestamp) + interval '1 month') AT TIME ZONE 'UTC';
  wanted constant text := to_char(period_start, '"workflow_events_y"YYYY"m"MM');
  found_name text;
BEGIN
  IF day IS NULL OR NOT isfinite(day) OR day NOT BETWEEN '1970-01-01' AND '9998-12-31' THEN
    RAISE EXCEPTION 'no partition can be made for %', coalesce(day::text, 'NULL') USING ERRCODE = '22008';
  END IF;
  -- IF NOT EXISTS alone does not make a race safe. The number is any, but the same everywhere.
  PERFORM pg_advisory_xact_lock(5058135470117);
  SELECT c.relname INTO found_name
  FROM pawl.workflow_events_partitions() p JOIN pg_class c ON c.oid = p.partition
  WHERE p.starts_at <= period_start AND p.ends_at >= period_end;
  IF FOUND THEN
    RETURN found_name;
  END IF;
  -- ATTACH, not CREATE … PARTITION OF: that one locks the log against readers and writers.
  EXECUTE format('CREATE TABLE pawl.%I (LIKE pawl.workflow_events INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', wanted);
  EXECUTE format('ALTER TABLE pawl.%I ENABLE ROW LEVEL SECURITY', wanted);
  PERFORM set_config('lock_timeout', '50ms', true);
  EXECUTE format('ALTER TABLE pawl.workflow_events ATTACH PARTITION pawl.%I FOR VALUES FROM (%L) TO (%L)', wanted, period_start, period_end);
  RETURN wanted;
END $$;

-- The day as it is written, in UTC.
CREATE FUNCTION create_workflow_events_partition(at timestamp) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  RETURN pawl.create_workflow_events_partition(at::date);
END $$;

-- The session's date of that instant, because an untyped '2025-06-01' picks this overload, and in Auckland would else make May.
CREATE FUNCTION create_workflow_events_partition(at timestamptz) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  RETURN pawl.create_workflow_events_partition(at::date);
END $$;

-- The current period and the next three exist, and none is missing since the oldest (of the last two years); returns the
-- names of those it made.
-- What cannot be made now (rows in DEFAULT, a lock) is a warning: inserts go to the DEFAULT partition meanwhile.
CREATE FUNCTION maintain_workflow_events_partitions() RETURNS SETOF text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC' AS $$
DECLARE
  current_month constant date := date_trunc('month', now() AT TIME ZONE 'UTC')::date;
  first_month date;
  month date;
BEGIN
  SELECT least(current_month, date_trunc('month', min(starts_at))::date) INTO first_month
  FROM pawl.workflow_events_partitions() WHERE starts_at >= current_month - interval '24 months';
  FOR month IN SELECT generate_series(first_month::timestamp, current_month + interval '3 months', '1 month')::date LOOP
    CONTINUE WHEN EXISTS (SELECT FROM pawl.workflow_events_partitions() p
                          WHERE p.starts_at <= month::timestamptz AND p.ends_at > month::timestamptz);
    BEGIN
      RETURN NEXT pawl.create_workflow_events_partition(month);
    EXCEPTION
      WHEN check_violation THEN
        RAISE WARNING 'workflow_events: no partition for % yet: rows of that period are in the DEFAULT partition', to_char(month, 'YYYY-MM');
      WHEN lock_not_available OR duplicate_table THEN
        RAISE WARNING 'workflow_events: no partition for % yet: %', to_char(month, 'YYYY-MM'), sqlerrm;
    END;
  END LOOP;
END $$;
GRANT EXECUTE ON FUNCTION create_workflow_events_partition(date), create_workflow_events_partition(timestamp),
  create_workflow_events_partition(timestamptz), maintain_workflow_events_partitions(), workflow_events_partitions() TO pawl_engine;

-- At installation two past periods too, for a log that is adopted or restored.
SELECT create_workflow_events_partition(((now() AT TIME ZONE 'UTC') - make_interval(months => ago))) FROM generate_series(2, 1, -1) AS ago;
SELECT maintain_workflow_events_partitions();
