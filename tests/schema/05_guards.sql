-- The two guards of every commit, and the constraints that keep rows sound.
BEGIN;
SELECT plan(22);
SELECT t_tenants();

INSERT INTO engine_nodes VALUES (t_id('c', '1'), 'node', NULL, 1, now());
INSERT INTO engine_loops VALUES (t_id('c', '2'), t_id('c', '1'), 1, now(), 'live'), (t_id('c', '3'), t_id('c', '1'), 2, now(), 'fenced');
SELECT lives_ok(format('SELECT fence(%L)', t_id('c', '2')), 'a live loop passes the fence');
SELECT throws_ok(format('SELECT fence(%L)', t_id('c', '3')), 'PW001', NULL, 'a fenced one does not');
SELECT throws_ok(format('SELECT fence(%L)', t_id('c', '9')), 'PW001', NULL, 'nor one that is not there');
SELECT throws_ok('SELECT fence(NULL)', 'PW001', NULL, 'nor none');
SELECT is(t_as('pawl_engine', format('SELECT pawl.fence(%L)', t_id('c', '2'))), '1', 'the engine may lock the row that it fences');

SELECT lives_ok($$SELECT must(3, 3, 'run')$$, 'what was meant happened');
SELECT throws_ok($$SELECT must(2, 3, 'run')$$, 'PW002', 'run: 2 of 3', 'too few');
SELECT throws_ok($$SELECT must(4, 3, 'wait')$$, 'PW002', 'wait: 4 of 3', 'too many');
SELECT throws_ok($$SELECT must(NULL, 3, 'run')$$, 'PW002', NULL, 'nothing is not enough');

SELECT throws_ok('UPDATE workflow_runs SET lane = 4096', '23514', NULL, 'a lane has 12 bits');
SELECT throws_ok('UPDATE workflow_runs SET revision = 0', '23514', NULL, 'a run has an event');
SELECT throws_ok('UPDATE workflow_runs SET priority = 10', '23514', NULL, 'priorities end at 9');
SELECT throws_ok('UPDATE workflow_runs SET ended_at = now()', '23514', NULL, 'an end has an outcome');
SELECT throws_ok($$UPDATE workflow_runs SET idempotency_key = 'k'$$, '23514', NULL, 'a key comes with the hash of its request');
SELECT throws_ok($$UPDATE workflow_runs SET idempotency_key = repeat('é', 128), request_sha256 = ''$$, '23514', NULL, 'a key has at most 255 bytes');
SELECT lives_ok($$UPDATE workflow_runs SET idempotency_key = repeat('x', 255), request_sha256 = ''$$, 'and may have them');
SELECT throws_ok($$UPDATE workflow_action_invocations SET status = 'resolved'$$, '23514', NULL, 'a resolved invocation says when and how');
SELECT throws_ok($$UPDATE workflow_action_invocations SET resolution = 'failed'$$, '23514', NULL, 'an open one does not');
SELECT lives_ok($$UPDATE workflow_action_invocations SET status = 'quarantined', resolution = 'failed', resolved_at = now()$$, 'a quarantined one does');
SELECT throws_ok('UPDATE workflow_run_waits SET due_at = NULL', '23514', NULL, 'a timer has its time');
SELECT throws_ok(format('UPDATE workflow_definitions SET active_version_id = %L WHERE tenant_id = %L', t_id('b', '3'), t_tenant('acme')), '23503', NULL,
                 'another tenant''s version cannot be active');
UPDATE workflow_definitions SET updated_at = '2020-01-01Z', active_version_id = t_id('a', '3') WHERE tenant_id = t_tenant('acme');
SELECT is((SELECT updated_at FROM workflow_definitions WHERE tenant_id = t_tenant('acme')), now(), 'a definition''s change is noted');

SELECT * FROM finish();
ROLLBACK;
