-- A tenant sees nothing of another: of every table, with every form of the setting, and by a partition's name.
BEGIN;
SELECT plan(109);
SELECT t_tenants();

SELECT results_eq(
  'SELECT count(*)::int FROM t_tenant_tables()', 'VALUES (12)', 'twelve tables are a tenant''s');
SELECT is_empty(
  $$SELECT relname FROM pg_class WHERE relnamespace = 'pawl'::regnamespace AND (relname IN (SELECT t_tenant_tables()) OR relispartition AND relkind = 'r')
      AND (NOT relrowsecurity OR relforcerowsecurity)$$,
  'row-level security is enabled and not forced on each of them, and on each partition');
SELECT is_empty($$SELECT polrelid::regclass FROM pg_policy JOIN pg_class c ON c.oid = polrelid WHERE c.relispartition$$, 'a partition has no policy');

-- Each reader role, each table: its own row, never the other's, and nothing without a tenant.
SELECT is(t_as(r, format('SELECT tenant_id FROM pawl.%I', t), t_tenant('acme')::text), '1', format('%s sees its row of %s', r, t))
FROM t_tenant_tables() t, unnest(ARRAY['pawl_app', 'pawl_reader']) r
WHERE (r, t) <> ('pawl_app', 'api_tokens');
SELECT is(t_as(r, format('SELECT tenant_id FROM pawl.%I WHERE tenant_id = %L', t, t_tenant('zeta')), t_tenant('acme')::text), '0', format('%s sees no other row of %s', r, t))
FROM t_tenant_tables() t, unnest(ARRAY['pawl_app', 'pawl_reader']) r
WHERE (r, t) <> ('pawl_app', 'api_tokens');
SELECT is(t_as(r, format('SELECT tenant_id FROM pawl.%I', t), t_tenant('nobody')::text), '0', format('%s as a stranger sees nothing of %s', r, t))
FROM t_tenant_tables() t, unnest(ARRAY['pawl_app', 'pawl_reader']) r
WHERE (r, t) <> ('pawl_app', 'api_tokens');
SELECT is(t_as(r, format('SELECT tenant_id FROM pawl.%I', t), ''), '0', format('%s sees nothing of %s while the setting is empty', r, t))
FROM t_tenant_tables() t, unnest(ARRAY['pawl_app', 'pawl_reader']) r
WHERE (r, t) <> ('pawl_app', 'api_tokens');

SELECT is(t_as('pawl_reader', 'SELECT tenant_id FROM pawl.workflow_runs', 'not a uuid'), '22P02', 'a malformed setting shows an error, no rows');
SELECT is(t_as('pawl_reader', 'SELECT tenant_id FROM pawl.workflow_runs', t_tenant('acme')::text || ' '), '22P02', 'one that is nearly right too');
SELECT is(t_as('pawl_reader', format('SELECT * FROM %s', partition), t_tenant('acme')::text), '42501', format('%s shows nothing by its name', partition))
FROM (SELECT partition::text FROM workflow_events_partitions() WHERE now() BETWEEN starts_at AND ends_at UNION ALL SELECT 'pawl.workflow_events_default') p;
SELECT is(t_as('pawl_engine', format('SELECT * FROM %s', partition)), '42501', format('nor to the engine: %s', partition))
FROM (SELECT partition::text FROM workflow_events_partitions() WHERE now() BETWEEN starts_at AND ends_at) p;
-- Also after somebody has granted it: then the missing policy stands in the way.
GRANT SELECT ON workflow_events_default TO pawl_reader;
INSERT INTO workflow_events VALUES (t_tenant('acme'), t_id('a', '9'), 1, '1999-01-01Z', 'run.started', NULL, 1, '{}');
SELECT is(t_as('pawl_reader', 'SELECT * FROM pawl.workflow_events_default', t_tenant('acme')::text), '0', 'a grant alone opens no partition');

SELECT is(t_as('pawl_engine', 'SELECT * FROM pawl.workflow_runs', ''), '2', 'the engine sees every tenant''s runs');
SELECT is((SELECT count(*)::int FROM workflow_runs), 2, 'and so does the owner, whom it is not forced upon');

-- as_tenant: for the transaction, checked, and no more.
SELECT throws_ok('SELECT as_tenant(NULL)', '22004', NULL, 'no tenant is no tenant');
SELECT lives_ok(format('SELECT as_tenant(%L)', t_tenant('zeta')), 'as_tenant takes a tenant');
SELECT is(current_setting('pawl.tenant_id'), t_tenant('zeta')::text, 'and sets it');
SELECT is(t_as('pawl_reader', 'SELECT * FROM pawl.workflow_runs WHERE tenant_id = ''00000000-0000-7000-8000-00000000000b'''), '1', 'which row-level security compares with');
SELECT is(t_as('pawl_reader', 'SELECT pawl.as_tenant(''00000000-0000-7000-8000-00000000000a'')'), '1', 'readers may call it');
SELECT is_empty('SELECT 1 FROM workflow_runs r JOIN workflow_events e USING (run_id) WHERE r.tenant_id <> e.tenant_id', 'no run id is shared here');

SELECT * FROM finish();
ROLLBACK;
