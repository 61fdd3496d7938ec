-- What is forgotten of the engine's own rows, and what never.
BEGIN;
SELECT plan(9);

INSERT INTO engine_nodes
SELECT t_id('c', n::text), 'node', NULL, 1, lease
FROM (VALUES (1, now() + interval '10 s'), (2, now() - interval '59 min'), (3, now() - interval '61 min'), (4, '-infinity'::timestamptz)) v (n, lease);
INSERT INTO engine_loops (loop_id, node_id, backend_pid, backend_start, state)
SELECT t_id('d', l::text), t_id('c', n::text), 1, now(), state::loop_state
FROM (VALUES (1, 1, 'live'), (2, 1, 'fenced'), (3, 2, 'live'), (4, 3, 'live'), (5, 3, 'fenced'), (6, 4, 'live')) v (l, n, state);
UPDATE engine_lanes SET loop_id = t_id('d', '5') WHERE lane = 7;
UPDATE engine_lanes SET loop_id = t_id('d', '6') WHERE lane = 8;

SELECT is(t_as('pawl_engine', 'DELETE FROM pawl.engine_loops'), '42501', 'the engine deletes no loops itself');
SELECT is(t_as('pawl_reader', 'SELECT pawl.forget_dead_loops()'), '42501', 'and a reader has nobody do it');
SELECT is(t_as('pawl_engine', 'SELECT pawl.forget_dead_loops()'), '1', 'the engine has it done');
SELECT results_eq(
  'SELECT right(loop_id::text, 1) FROM engine_loops ORDER BY 1', $$VALUES ('1'), ('3'), ('5'), ('6')$$,
  'gone: a fenced one, and a live one of a node that is long dead; kept: whatever has lanes, and what may live');
SELECT results_eq(
  'SELECT right(node_id::text, 1) FROM engine_nodes ORDER BY 1', $$VALUES ('1'), ('2'), ('3'), ('4')$$, 'a node stays with its loops');
UPDATE engine_lanes SET loop_id = t_id('d', '1') WHERE lane IN (7, 8);
SELECT is(forget_dead_loops(), 2::bigint, 'once their lanes have gone to another, they are forgotten');
SELECT results_eq(
  'SELECT right(node_id::text, 1) FROM engine_nodes ORDER BY 1', $$VALUES ('1'), ('2')$$, 'and their nodes');

INSERT INTO engine_loops (loop_id, node_id, backend_pid, backend_start, state)
SELECT gen_random_uuid(), t_id('c', '1'), 1, now(), 'fenced' FROM generate_series(1, 1001);
SELECT is(forget_dead_loops(), 1000::bigint, 'a thousand at a time');
SELECT is(forget_dead_loops(), 1::bigint, 'the rest next time');

SELECT * FROM finish();
ROLLBACK;
