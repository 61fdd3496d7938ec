-- The rules of data-model.md that hold for every table, index and function, by catalog and not by list.
BEGIN;
SELECT plan(19);

SELECT schema_owner_is('pawl', 'pawl_owner');
SELECT set_eq(
  $$SELECT relname FROM pg_class WHERE relnamespace = 'pawl'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition$$,
  ARRAY['schema_migrations', 'tenants', 'tenant_settings', 'api_tokens', 'workflow_definitions', 'workflow_definition_versions',
        'workflow_runs', 'workflow_events', 'workflow_run_waits', 'workflow_action_invocations', 'workflow_run_logs', 'workflow_run_log_counts', 'run_inbox',
        'engine_nodes', 'engine_loops', 'engine_lanes', 'engine_doorbells'],
  'the tables that code uses, and no others');
SELECT is_empty(
  $$SELECT relname FROM pg_class WHERE relnamespace = 'pawl'::regnamespace AND pg_get_userbyid(relowner) <> 'pawl_owner'$$,
  'pawl_owner owns every relation');
SELECT is_empty(
  $$SELECT proname FROM pg_proc WHERE pronamespace = 'pawl'::regnamespace AND pg_get_userbyid(proowner) <> 'pawl_owner'$$,
  'and every function');

-- The longest names, also of what PostgreSQL named itself: Citus appends the shard's number.
SELECT is_empty(
  $$SELECT name FROM (SELECT conname AS name FROM pg_constraint WHERE connamespace = 'pawl'::regnamespace
                      UNION SELECT relname FROM pg_class WHERE relnamespace = 'pawl'::regnamespace
                      UNION SELECT proname FROM pg_proc WHERE pronamespace = 'pawl'::regnamespace) n
    WHERE octet_length(name) > 48$$,
  'no name is longer than 48 bytes');

SELECT is_empty(
  $$SELECT i.indexrelid::regclass FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE c.relnamespace = 'pawl'::regnamespace AND NOT c.relispartition AND NOT i.indisunique
      AND obj_description(i.indexrelid, 'pg_class') IS NULL$$,
  'each index that is not a key says which query it serves');
SELECT is_empty(
  $$SELECT c.oid::regclass FROM pg_class c WHERE c.relnamespace = 'pawl'::regnamespace AND c.relkind IN ('r', 'p')
      AND NOT c.relispartition AND c.relname NOT IN ('schema_migrations') AND obj_description(c.oid, 'pg_class') IS NULL$$,
  'each table says what it is');

SELECT is_empty(
  $$SELECT con.conname FROM pg_constraint con JOIN pg_class c ON c.oid = con.conrelid
    WHERE c.relname IN (SELECT t_tenant_tables()) AND con.contype IN ('p', 'u', 'f') AND c.relname NOT IN ('workflow_events', 'tenants')
      AND (SELECT attname FROM pg_attribute WHERE attrelid = c.oid AND attnum = con.conkey[1]) <> 'tenant_id'$$,
  'the tenant is the first column of every key of a tenant''s table, but of the log''s');
SELECT col_is_pk('pawl', 'workflow_events', ARRAY['run_id', 'seq', 'tenant_id', 'ts'], 'the log''s key begins with the run');
SELECT is_empty(
  $$SELECT conname FROM pg_constraint WHERE contype = 'f' AND conrelid IN ('pawl.workflow_events'::regclass, 'pawl.workflow_runs'::regclass)$$,
  'no foreign key where it costs: from events to runs, from runs to versions');

SELECT is_empty(
  $$SELECT i.indexrelid::regclass FROM pg_index i WHERE i.indrelid = 'pawl.workflow_runs'::regclass
      AND pg_get_indexdef(i.indexrelid) ~ '\m(status|revision|updated_at)\M'$$,
  'no index of workflow_runs mentions what an update changes');
SELECT is_empty(
  $$SELECT i.indexrelid::regclass FROM pg_index i WHERE i.indrelid = 'pawl.workflow_action_invocations'::regclass
      AND pg_get_indexdef(i.indexrelid) ~ '\m(status|lease|leased_until|deaths|worker)\M'$$,
  'nor of invocations what a claim changes');
SELECT is_empty(
  $$SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgrelid::regclass::text IN
      ('workflow_runs', 'workflow_events', 'workflow_run_waits', 'workflow_action_invocations', 'engine_loops', 'engine_lanes')$$,
  'no trigger on the hot path');
SELECT triggers_are('pawl', 'workflow_definitions', ARRAY['workflow_definitions_updated']);

SELECT is_empty(
  $$SELECT p.oid::regprocedure FROM pg_proc p
    WHERE p.pronamespace = 'pawl'::regnamespace AND has_function_privilege('public', p.oid, 'EXECUTE')$$,
  'no function is anybody''s');
SELECT is_empty(
  $$SELECT p.oid::regprocedure FROM pg_proc p WHERE p.pronamespace = 'pawl'::regnamespace AND p.prosecdef
      AND NOT EXISTS (SELECT FROM unnest(p.proconfig) c WHERE c LIKE 'search_path=%')$$,
  'a function that runs as its owner has its own search path');
SELECT is_empty(
  $$SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relnamespace = 'pawl'::regnamespace AND a.attnum > 0 AND a.atttypid = 'timestamp'::regtype$$,
  'every time is a timestamptz');
SELECT results_eq('SELECT count(*)::int, min(lane)::int, max(lane)::int, max(epoch) FROM engine_lanes', 'VALUES (4096, 0, 4095, 0)', 'the lanes are there');
SELECT enum_has_labels('pawl', 'invocation_resolution', ARRAY['completed', 'failed', 'revoked', 'late']);

SELECT * FROM finish();
ROLLBACK;
