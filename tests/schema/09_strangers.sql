-- What an application's or the server's reading role could try as another tenant, beyond the tables themselves: everything in
-- the schema by catalog, so that what is added later is tried too.
BEGIN;
SELECT plan(22);
SELECT t_tenants();

SELECT is_empty(
  $$SELECT c.relname, c.relkind FROM pg_class c WHERE c.relnamespace = 'pawl'::regnamespace AND c.relkind NOT IN ('r', 'p', 'i', 'I')$$,
  'no views, sequences or foreign tables: one that comes says here what a stranger sees of it');
SELECT is_empty(
  $$SELECT r, c.relname FROM pg_class c, unnest(ARRAY['pawl_engine', 'pawl_app', 'pawl_reader']) r
    WHERE c.relnamespace = 'pawl'::regnamespace AND c.relispartition AND c.relkind = 'r' AND has_any_column_privilege(r, c.oid, 'SELECT')$$,
  'no partition is granted to anybody');
SELECT is_empty(
  $$SELECT r, c.relname, t_as(r, format('SELECT * FROM pawl.%I', c.relname), t_tenant('zeta')::text)
    FROM pg_class c, unnest(ARRAY['pawl_app', 'pawl_reader']) r
    WHERE c.relnamespace = 'pawl'::regnamespace AND c.relispartition AND c.relkind = 'r'
      AND t_as(r, format('SELECT * FROM pawl.%I', c.relname), t_tenant('zeta')::text) <> '42501'$$,
  'and by its name each is refused');

-- Who may call what.
SELECT is_empty(
  $$SELECT p.proname FROM pg_proc p WHERE p.pronamespace = 'pawl'::regnamespace AND (p.proacl IS NULL OR EXISTS (SELECT FROM aclexplode(p.proacl) a WHERE a.grantee = 0))$$,
  'no function is everybody''s');
SELECT set_eq(
  $$SELECT a.grantee::regrole::text || ' ' || p.proname FROM pg_proc p, aclexplode(p.proacl) a
    WHERE p.pronamespace = 'pawl'::regnamespace AND a.grantee <> p.proowner$$,
  ARRAY['pawl_engine as_tenant', 'pawl_app as_tenant', 'pawl_reader as_tenant', 'pawl_engine fence', 'pawl_engine must', 'pawl_engine forget_dead_loops',
        'pawl_app start_run', 'pawl_app cancel_run', 'pawl_app complete_task', 'pawl_app fail_task', 'pawl_reader lane_owner',
        'pawl_engine create_workflow_events_partition', 'pawl_engine maintain_workflow_events_partitions', 'pawl_engine workflow_events_partitions'],
  'the functions, and who may call them');
SELECT set_eq(
  $$SELECT proname::text FROM pg_proc WHERE pronamespace = 'pawl'::regnamespace AND prosecdef$$,
  ARRAY['create_workflow_events_partition', 'maintain_workflow_events_partitions', 'forget_dead_loops', 'lane_owner', 'ring_doorbell', 'start_run',
        'cancel_run', 'end_task', 'complete_task', 'fail_task'], 'those that act as the owner');
SELECT is_empty(
  $$SELECT proname FROM pg_proc WHERE pronamespace = 'pawl'::regnamespace AND prosecdef
      AND NOT coalesce('search_path=pg_catalog, pg_temp' = ANY (proconfig), false)$$,
  'look nothing up where a caller may have put something else');

-- Ways around row-level security.
SELECT is(t_as(r, 'SET LOCAL row_security = off; SELECT * FROM pawl.workflow_runs', t_tenant('zeta')::text), '42501', r || ' cannot switch it off')
FROM unnest(ARRAY['pawl_app', 'pawl_reader']) r;
SELECT is_empty(
  $$SELECT r, other FROM unnest(ARRAY['pawl_app', 'pawl_reader']) r, unnest(ARRAY['pawl_owner', 'pawl_engine']) other WHERE pg_has_role(r, other, 'MEMBER')$$,
  'nor become somebody who need not obey it');
SELECT is_empty(
  $$SELECT r, c.relname FROM pg_class c, unnest(ARRAY['pawl_app', 'pawl_reader']) r
    WHERE c.relname IN (SELECT t_tenant_tables()) AND pg_has_role(r, c.relowner, 'USAGE')$$,
  'nor own a table');
ANALYZE workflow_runs;
SELECT is(t_as(r, 'SELECT * FROM pg_stats WHERE schemaname = ''pawl''', t_tenant('zeta')::text), '0', r || ' sees nobody''s values in the planner''s statistics')
FROM unnest(ARRAY['pawl_app', 'pawl_reader']) r;
-- A function of the stranger's own, cheaper than any other condition, sees what he may see and no more.
CREATE FUNCTION tap.t_spy(seen uuid) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS $$
BEGIN
  IF seen <> t_tenant('zeta') THEN
    RAISE EXCEPTION 'a row of another' USING ERRCODE = 'PW999';
  END IF;
  RETURN true;
END $$;
GRANT EXECUTE ON FUNCTION tap.t_spy(uuid) TO PUBLIC;
SELECT is_empty(
  $$SELECT r, t FROM t_tenant_tables() t, unnest(ARRAY['pawl_app', 'pawl_reader']) r
    WHERE (r, t) <> ('pawl_app', 'api_tokens')
      AND t_as(r, format('SELECT * FROM pawl.%I WHERE t_spy(tenant_id)', t), t_tenant('zeta')::text) <> '1'$$,
  'a function in a condition is given no row of another, of any table');
-- By subqueries, joins, aggregates, whole rows and system columns.
SELECT is(t_as('pawl_reader', statement, t_tenant('zeta')::text), '0', statement)
FROM unnest(ARRAY[
  'SELECT FROM pawl.tenants t JOIN pawl.workflow_runs r USING (tenant_id) WHERE t.name = ''acme''',
  'SELECT FROM pawl.workflow_events e WHERE NOT EXISTS (SELECT FROM pawl.workflow_runs r WHERE r.run_id = e.run_id)',
  'SELECT FROM pawl.workflow_runs r GROUP BY tenant_id HAVING count(*) > 1',
  'SELECT ctid FROM pawl.workflow_runs WHERE ctid = ''(0,1)''',
  'SELECT FROM pawl.workflow_events WHERE payload @> ''{}'' AND tenant_id <> ''00000000-0000-7000-8000-00000000000b''',
  'TABLE pawl.workflow_run_waits EXCEPT SELECT w.* FROM pawl.workflow_run_waits w WHERE w.tenant_id = ''00000000-0000-7000-8000-00000000000b''']) statement;
-- Locks on rows of others tell that they are there.
SELECT is(t_as('pawl_reader', 'SELECT FROM pawl.workflow_runs FOR UPDATE', t_tenant('zeta')::text), '42501', 'a reader locks no rows');
SELECT is(t_as('pawl_reader', 'LOCK TABLE pawl.workflow_runs IN SHARE MODE', t_tenant('zeta')::text), '42501', 'and no tables');

SELECT * FROM finish();
ROLLBACK;
