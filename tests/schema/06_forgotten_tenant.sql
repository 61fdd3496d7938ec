-- A session that never heard of the setting, and one in which it was set and is over.
BEGIN;
SELECT plan(4);
SELECT t_tenants();
SELECT is(current_setting('pawl.tenant_id', true), NULL, 'the setting is absent');
SELECT is(t_as(r, 'SELECT * FROM pawl.workflow_runs'), '0', r || ' sees nothing')
FROM unnest(ARRAY['pawl_app', 'pawl_reader']) r;
SAVEPOINT inside;
SELECT as_tenant(t_tenant('acme'));
ROLLBACK TO inside;
SELECT is(t_as('pawl_reader', 'SELECT * FROM pawl.workflow_runs'), '0', 'nor after it has been set and taken back');
SELECT * FROM finish();
ROLLBACK;
