-- Who may do what, by the privileges that the catalog has and by trying.
BEGIN;
SELECT plan(35);
SELECT t_tenants();

SELECT is_empty(
  $$SELECT rolname FROM pg_roles WHERE rolname IN ('pawl_owner', 'pawl_engine', 'pawl_app', 'pawl_reader')
      AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls)$$,
  'no role has rights beyond the schema');

-- Readers write nothing, whatever the tenant.
SELECT is_empty(
  $$SELECT r, c.relname, p FROM pg_class c, unnest(ARRAY['pawl_app', 'pawl_reader']) r, unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) p
    WHERE c.relnamespace = 'pawl'::regnamespace AND c.relkind IN ('r', 'p')
      AND (has_table_privilege(r, c.oid, p) OR (p IN ('INSERT', 'UPDATE') AND has_any_column_privilege(r, c.oid, p)))$$,
  'pawl_app and pawl_reader may not write, by the catalog');
SELECT is(t_as(r, statement, t_tenant('acme')::text), '42501', r || ' is refused: ' || statement)
FROM unnest(ARRAY['pawl_app', 'pawl_reader']) r,
     unnest(ARRAY['INSERT INTO pawl.tenants VALUES (gen_random_uuid(), ''x'')',
                  'UPDATE pawl.workflow_runs SET status = ''completed''',
                  'DELETE FROM pawl.workflow_events',
                  'DELETE FROM pawl.workflow_run_waits',
                  'SELECT pawl.fence(gen_random_uuid())',
                  'SELECT pawl.create_workflow_events_partition(''2020-01-01''::date)',
                  'SELECT * FROM pawl.engine_lanes',
                  'CREATE TABLE pawl.mine (id int)']) statement;

-- The hash of a secret is the server's business alone.
SELECT is(t_as('pawl_app', 'SELECT token_id FROM pawl.api_tokens', t_tenant('acme')::text), '42501', 'an application sees no tokens');
SELECT is(t_as('pawl_reader', 'SELECT secret_sha256 FROM pawl.api_tokens', t_tenant('acme')::text), '1', 'the server''s reads do');
SELECT is(t_as('pawl_engine', 'SELECT * FROM pawl.api_tokens'), '42501', 'the engine sees no tokens');

-- The engine: the log is append only, versions are immutable, and nothing of a run is deleted but its waits.
SELECT is(t_as('pawl_engine', statement), '42501', 'the engine is refused: ' || statement)
FROM unnest(ARRAY['UPDATE pawl.workflow_events SET payload = ''{}''',
                  'DELETE FROM pawl.workflow_events',
                  'TRUNCATE pawl.workflow_events',
                  'UPDATE pawl.workflow_definition_versions SET document = ''{}''',
                  'DELETE FROM pawl.workflow_definition_versions',
                  'DELETE FROM pawl.workflow_runs',
                  'DELETE FROM pawl.workflow_action_invocations',
                  'UPDATE pawl.engine_loops SET backend_pid = 1',
                  'UPDATE pawl.engine_lanes SET lane = 1',
                  'INSERT INTO pawl.tenants VALUES (gen_random_uuid(), ''x'')',
                  'SELECT pawl.secure_tenant_table(''pawl.workflow_runs'')']) statement;
SELECT is(t_as('pawl_engine', 'UPDATE pawl.workflow_runs SET status = ''waiting'', revision = revision + 1'), '2', 'the engine moves runs of every tenant');
SELECT is(t_as('pawl_engine', 'INSERT INTO pawl.workflow_events SELECT tenant_id, run_id, 2, ts, type, path, epoch, payload FROM pawl.workflow_events'), '2', 'and appends');

-- Citus before 13.1 refuses them.
SELECT is_empty(
  $$SELECT attrelid::regclass, attname FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
    WHERE c.relname IN (SELECT t_tenant_tables()) AND attacl IS NOT NULL$$,
  'no grant of single columns on a tenant''s table');

SELECT * FROM finish();
ROLLBACK;
