-- The plans of GET /v1/runs and of its events, as the role that issues them and under row-level security: each documented filter
-- has its index, also where the rows that it wants are few and old, and each event of a page is looked up by its key.
BEGIN;
SELECT plan(10);
SELECT t_tenants();
INSERT INTO workflow_definitions (tenant_id, definition_id, namespace, name) VALUES (t_tenant('acme'), t_id('a', '8'), 'test', 'rare');
INSERT INTO workflow_runs (tenant_id, run_id, definition_id, version_id, lane, status, revision, trigger_kind, root_run_id, started_at, updated_at, ended_at, outcome)
SELECT t_tenant('acme'), gen_random_uuid(), CASE WHEN n <= 10 THEN t_id('a', '8') ELSE t_id('a', '2') END, t_id('a', '3'), 4,
       CASE WHEN n % 500 = 0 THEN 'faulted' WHEN n > 19000 THEN 'running' ELSE 'completed' END::run_status, 1, 'api', t_id('a', '4'),
       now() + n * interval '1 s', now(), CASE WHEN n % 500 = 0 OR n <= 19000 THEN now() END,
       CASE WHEN n % 500 = 0 THEN 'faulted' WHEN n <= 19000 THEN 'completed' END::run_outcome
FROM generate_series(1, 20000) n;
ANALYZE workflow_runs;
\set read_runs `cat ../../src/store/reads/sql/read_runs.sql`
SET LOCAL plan_cache_mode = force_custom_plan;
PREPARE read_runs AS :read_runs;

-- The index that a page is read by; 'none' when runs are read one and all.
CREATE FUNCTION tap.t_index(kind text, status text, definition text, started_from timestamptz, started_before timestamptz) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  line text;
  found_index text := 'none';
BEGIN
  PERFORM set_config('pawl.tenant_id', t_tenant('acme')::text, true);
  SET LOCAL ROLE pawl_reader;
  FOR line IN EXECUTE format('EXPLAIN EXECUTE read_runs (%L, NULL, NULL, %L, %L, %L, %L, %L, %L, 51)', t_tenant('acme'), kind, status,
                             CASE WHEN definition IS NOT NULL THEN 'test' END, definition, started_from, started_before) LOOP
    found_index := coalesce(substring(line FROM 'Scan.* (?:using|on) (workflow_runs_[a-z_]+)'), found_index);
  END LOOP;
  RESET ROLE;
  RETURN found_index;
END $$;

SELECT is(t_index('any', NULL, NULL, NULL, NULL), 'workflow_runs_started_idx', 'all runs');
SELECT is(t_index('any', NULL, NULL, now(), now() + interval '1 h'), 'workflow_runs_started_idx', 'by time');
SELECT is(t_index('open', 'running', NULL, NULL, NULL), 'workflow_runs_open_idx', 'running');
SELECT is(t_index('trouble', 'faulted', NULL, NULL, NULL), 'workflow_runs_trouble_idx', 'faulted');
SELECT is(t_index('ended', 'completed', NULL, NULL, NULL), 'workflow_runs_started_idx', 'completed');
SELECT is(t_index('any', NULL, 'rare', NULL, NULL), 'workflow_runs_definition_idx', 'of a definition');
SELECT is(t_index('any', NULL, 'rare', now(), now() + interval '1 h'), 'workflow_runs_definition_idx', 'of a definition, by time');
SELECT is(t_index('any', NULL, 'unknown', NULL, NULL), 'workflow_runs_definition_idx', 'of a definition that is not there');
SELECT is(t_index('trouble', 'faulted', 'rare', NULL, NULL), 'workflow_runs_trouble_idx', 'faulted ones of a definition');

\set read_events `cat ../../src/store/reads/sql/read_events.sql`
PREPARE read_events AS :read_events;
INSERT INTO workflow_events SELECT t_tenant('acme'), t_id('a', '4'), n, now(), 'task.completed', NULL, 1, '{}' FROM generate_series(2, 5000) n;
ANALYZE workflow_events;
CREATE FUNCTION tap.t_event_lookups() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  line text;
BEGIN
  PERFORM set_config('pawl.tenant_id', t_tenant('acme')::text, true);
  SET LOCAL ROLE pawl_reader;
  FOR line IN EXECUTE format('EXPLAIN EXECUTE read_events (%L, %L, 0, 1000, 4000000)', t_tenant('acme'), t_id('a', '4')) LOOP
    RETURN NEXT line;
  END LOOP;
  RESET ROLE;
END $$;
SELECT isnt_empty($$SELECT line FROM t_event_lookups() line WHERE line LIKE '%Index Cond: %seq = page_1.following%'$$, 'the next event by its key, and not by all before it');

SELECT * FROM finish();
ROLLBACK;
