-- What applications may ask for in their own transactions: who, of what, and what comes into the inbox.
BEGIN;
SELECT plan(37);
SELECT t_tenants();
DELETE FROM run_inbox;
UPDATE workflow_definitions SET active_version_id = t_id('a', '3') WHERE tenant_id = t_tenant('acme');
UPDATE workflow_action_invocations SET status = 'leased', lease = 3, worker = 'w';

-- A task's token as the engine writes it.
CREATE FUNCTION tap.t_token(tenant uuid, invocation uuid, attempt integer, lease integer) RETURNS text LANGUAGE sql AS $$
  SELECT rtrim(translate(replace(encode('\x01'::bytea || uuid_send(tenant) || uuid_send(invocation) || int4send(attempt) || int4send(lease),
                                        'base64'), E'\n', ''), '+/', '-_'), '=') $$;
GRANT EXECUTE ON FUNCTION tap.t_token(uuid, uuid, integer, integer) TO PUBLIC;

-- ---- who
SELECT is(t_as(r, format('SELECT pawl.%s', f), t_tenant('acme')::text), '42501', format('%s may not call %s', r, f))
FROM unnest(ARRAY['pawl_reader', 'pawl_engine']) r,
     unnest(ARRAY[$$start_run('test/flow')$$, $$cancel_run('00000000-0000-7000-8000-a00000000004')$$, $$complete_task('x')$$, $$fail_task('x', '{}')$$]) f;
SELECT is(t_as('pawl_app', format('SELECT pawl.%s', f), t_tenant('acme')::text), '42501', format('nobody may call %s', f))
FROM unnest(ARRAY[$$put_inbox(NULL, NULL, NULL, NULL, NULL)$$, $$end_task('x', 'complete', '1')$$, $$run_id_of_key(NULL, 'a', 'b')$$]) f;
SELECT is(t_as('pawl_app', $$SELECT pawl.start_run('test/flow')$$, ''), 'PW004', 'without a tenant nothing is done');
SELECT is(t_as('pawl_app', $$INSERT INTO pawl.run_inbox (tenant_id, run_id, lane, kind, payload) VALUES (gen_random_uuid(), gen_random_uuid(), 1, 'start', '{}')$$,
               t_tenant('acme')::text), '42501', 'nor by hand');

-- ---- starts
SELECT is(t_as('pawl_app', $$SELECT pawl.start_run('test/flow', '{"n": 1}')$$, t_tenant('acme')::text), '1', 'an application starts a run');
SELECT results_eq($$SELECT tenant_id, kind::text, payload, content, lane = lane_of(run_id), substr(run_id::text, 15, 1) FROM run_inbox$$,
                  format($$VALUES (%L::uuid, 'start', '{"version": "1.0.0", "definition": "test/flow"}'::jsonb, '{"n": 1}'::jsonb, true, '7')$$, t_tenant('acme')),
                  'the version is that of its moment');
DELETE FROM run_inbox;
SELECT is(t_as('pawl_app', $$SELECT pawl.start_run('test/flow', idempotency_key => 'k') = pawl.start_run('test/flow', idempotency_key => 'k')$$, t_tenant('acme')::text),
          '1', 'the same key twice');
SELECT is((SELECT count(*) FROM run_inbox), 1::bigint, 'is one start');
SELECT is((SELECT run_id FROM run_inbox), run_id_of_key(t_tenant('acme'), 'test/flow', 'k'), 'its id is that of the key');
SELECT is(t_as('pawl_app', $$SELECT pawl.start_run('test/flow', '{"n": 2}', 'k')$$, t_tenant('acme')::text), 'PW006', 'another input is another request');
SELECT is(run_id_of_key('00000000-0000-7000-8000-00000000000a', 'shop/order', 'k1')::text, '9f490d01-1b14-86d8-bac7-8f5b56d941cd', 'as the engine derives it');
SELECT is(t_as('pawl_app', format('SELECT pawl.start_run(%s)', a), t_tenant('acme')::text), c, a)
FROM (VALUES ($$'test/none'$$, 'PW005'), ($$'flow'$$, 'PW005'), ($$'test/flow/x'$$, 'PW005'), ($$'test/flow', version => '9.9.9'$$, 'PW005'),
             ($$'test/flow', NULL$$, 'PW007'), ($$'test/flow', '{}', ''$$, 'PW007'), ($$'test/flow', '{}', repeat('x', 256)$$, 'PW007'),
             ($$'test/flow', to_jsonb(repeat('x', 1048576))$$, 'PW007'), ($$'test/flow', (repeat('[', 129) || repeat(']', 129))::jsonb$$, 'PW007')) v(a, c);
SELECT is(t_as('pawl_app', $$SELECT pawl.start_run('test/flow')$$, t_tenant('zeta')::text), 'PW005', 'a definition without an active version');

-- ---- cancels
SELECT is(t_as('pawl_app', format('SELECT pawl.cancel_run(%L)', t_id('a', '4')), t_tenant('acme')::text), '1', 'a run is cancelled');
SELECT is(t_as('pawl_app', format('SELECT pawl.cancel_run(%L)', t_id('b', '4')), t_tenant('acme')::text), 'PW005', 'another tenant''s is not there');

-- ---- tasks
SELECT is(t_as('pawl_app', format('SELECT pawl.complete_task(%L, %L)', t_token(t_tenant('acme'), t_id('a', '5'), 1, 2), '{}'), t_tenant('acme')::text), 'PW003', 'a former lease');
SELECT is(t_as('pawl_app', format('SELECT pawl.complete_task(%L, %L)', t_token(t_tenant('zeta'), t_id('b', '5'), 1, 3), '{}'), t_tenant('acme')::text), 'PW005', 'another tenant''s token');
SELECT is(t_as('pawl_app', format('SELECT pawl.fail_task(%L, %L)', t_token(t_tenant('acme'), t_id('a', '5'), 1, 3), '[]'), t_tenant('acme')::text), 'PW007', 'an error is an object');
SELECT is(t_as('pawl_app', format('SELECT pawl.complete_task(%L, %L)', t_token(t_tenant('acme'), t_id('a', '5'), 1, 3), '{"b": 1}'), t_tenant('acme')::text), '1', 'the newest lease');
SELECT is((SELECT status::text FROM workflow_action_invocations WHERE tenant_id = t_tenant('acme')), 'completing', 'is completing');

SELECT * FROM finish();
ROLLBACK;
