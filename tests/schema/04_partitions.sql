-- The log's partitions: bounds in UTC whatever the session's time zone, idempotent, secured, and DEFAULT in reserve.
BEGIN;
SELECT plan(34);

SELECT results_eq(
  $$SELECT date_part('month', age(starts_at, date_trunc('month', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'))::int
           + 12 * date_part('year', age(starts_at, date_trunc('month', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'))::int
    FROM workflow_events_partitions()$$,
  'VALUES (-2), (-1), (0), (1), (2), (3)', 'installation made two past months, the current one, and three to come');

SET LOCAL TimeZone = 'UTC';
SELECT is(create_workflow_events_partition('2025-01-15'::date), 'workflow_events_y2025m01', 'of a date');
SELECT is(create_workflow_events_partition('2025-01-31'::date), 'workflow_events_y2025m01', 'again, and of another day: the same');
SELECT is(create_workflow_events_partition('2024-12-31 23:59:59'::timestamp), 'workflow_events_y2024m12', 'of a timestamp');
SELECT is(create_workflow_events_partition('2024-02-29T12:00Z'::timestamptz), 'workflow_events_y2024m02', 'of an instant');
SELECT results_eq(
  $$SELECT starts_at, ends_at FROM workflow_events_partitions() WHERE partition = 'pawl.workflow_events_y2024m02'::regclass$$,
  $$VALUES ('2024-02-01 00:00Z'::timestamptz, '2024-03-01 00:00Z'::timestamptz)$$, 'a leap month from its first to its last instant');

-- Odd zones: half-hour offsets, both ends of the day line, and a day that was skipped.
SET LOCAL TimeZone = 'Pacific/Auckland';
SELECT is(create_workflow_events_partition('2025-06-01'), 'workflow_events_y2025m06', 'an untyped first of June means June in Auckland');
SELECT is(create_workflow_events_partition('2025-07-01'::timestamptz), 'workflow_events_y2025m07', 'and an instant the session''s date');
SELECT results_eq(
  $$SELECT starts_at AT TIME ZONE 'UTC' FROM workflow_events_partitions() WHERE partition = 'pawl.workflow_events_y2025m06'::regclass$$,
  $$VALUES ('2025-06-01 00:00'::timestamp)$$, 'the bounds are in UTC');
SET LOCAL TimeZone = 'Pacific/Honolulu';
SELECT is(create_workflow_events_partition('2025-08-31 20:00'), 'workflow_events_y2025m08', 'an evening in Honolulu is its own day');
SET LOCAL TimeZone = 'Asia/Kathmandu';
SELECT is(create_workflow_events_partition('2025-09-01'), 'workflow_events_y2025m09', 'Kathmandu, 5:45 ahead');
SET LOCAL TimeZone = 'Pacific/Apia';
SELECT is(create_workflow_events_partition('2011-12-30'::date), 'workflow_events_y2011m12', 'a day that Samoa never had');
SELECT is_empty(
  $$SELECT partition FROM workflow_events_partitions() WHERE starts_at <> date_trunc('month', starts_at AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'
      OR ends_at <> starts_at AT TIME ZONE 'UTC' + interval '1 month' AND ends_at <> ((starts_at AT TIME ZONE 'UTC') + interval '1 month') AT TIME ZONE 'UTC'$$,
  'every partition is a month of UTC');
SET LOCAL TimeZone = 'UTC';
SELECT is_empty(
  $$SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r' AND relnamespace = 'pawl'::regnamespace
      AND (NOT relrowsecurity OR pg_get_userbyid(relowner) <> 'pawl_owner' OR relacl IS NOT NULL AND relacl::text LIKE '%pawl_reader%')$$,
  'each is secured and the owner''s');
SELECT is_empty(
  $$SELECT p.partition FROM workflow_events_partitions() p
    WHERE (SELECT count(*) FROM pg_index i WHERE i.indrelid = p.partition) <> 2$$,
  'each has the parent''s two indexes');

-- By bounds, not by names.
ALTER TABLE workflow_events_y2025m01 RENAME TO renamed;
SELECT is(create_workflow_events_partition('2025-01-02'::date), 'renamed', 'a renamed partition is found by its bounds');
CREATE TABLE workflow_events_y2023m01 (id int);
SELECT throws_ok($$SELECT create_workflow_events_partition('2023-01-01'::date)$$, '42P07', NULL, 'a stranger''s table in the way is an error');
DROP TABLE workflow_events_y2023m01;

-- What cannot be a day.
SELECT throws_ok(format('SELECT create_workflow_events_partition(%s)', each), '22008', NULL, each || ' has no partition')
FROM unnest(ARRAY['NULL::date', '''infinity''::date', '''-infinity''::date', '''0044-03-15 BC''::date', '''9999-01-01''::date']) each;

-- Rows go to their month; what has none goes to DEFAULT; both are found through the parent.
INSERT INTO workflow_events VALUES (t_tenant('acme'), t_id('a', '1'), 1, '2025-06-30 23:59:59.999999Z', 'run.started', NULL, 1, '{}'),
                                   (t_tenant('acme'), t_id('a', '1'), 2, '2025-07-01 00:00:00Z', 'run.completed', NULL, 1, '{}'),
                                   (t_tenant('acme'), t_id('a', '2'), 1, '2022-05-05 00:00:00Z', 'run.started', NULL, 1, '{}');
SELECT results_eq(
  $$SELECT tableoid::regclass::text FROM workflow_events ORDER BY ts$$,
  $$VALUES ('workflow_events_default'), ('workflow_events_y2025m06'), ('workflow_events_y2025m07')$$, 'each row is in its partition');
SELECT throws_ok($$SELECT create_workflow_events_partition('2022-05-01'::date)$$, '23514', NULL, 'a month whose rows are in DEFAULT cannot be made yet');
SELECT hasnt_table('pawl'::name, 'workflow_events_y2022m05'::name, 'and leaves nothing behind');

-- Upkeep: idempotent, heals gaps, and goes on where it cannot.
SELECT lives_ok('SELECT maintain_workflow_events_partitions()', 'upkeep');
SELECT is_empty(
  $$SELECT month FROM generate_series((SELECT min(starts_at) FROM workflow_events_partitions() WHERE starts_at >= now() - interval '2 years'),
                                      now() + interval '3 months', '1 month') month
    WHERE NOT EXISTS (SELECT FROM workflow_events_partitions() WHERE starts_at <= month AND ends_at > month)$$,
  'fills the gaps of the last two years');
SELECT is_empty('SELECT maintain_workflow_events_partitions()', 'upkeep again makes nothing');
DO $$ BEGIN
  EXECUTE format('DROP TABLE %s', (SELECT partition FROM workflow_events_partitions() ORDER BY starts_at DESC LIMIT 1));
  EXECUTE format('DROP TABLE %s', (SELECT partition FROM workflow_events_partitions() ORDER BY starts_at DESC OFFSET 1 LIMIT 1));
END $$;
SELECT is((SELECT count(*)::int FROM maintain_workflow_events_partitions()), 2, 'missing months are made, also in between');
DO $$ BEGIN
  EXECUTE format('DROP TABLE %s', (SELECT partition FROM workflow_events_partitions() ORDER BY starts_at DESC LIMIT 1));
END $$;
INSERT INTO workflow_events SELECT t_tenant('acme'), t_id('a', '3'), 1, now() + interval '3 months', 'run.started', NULL, 1, '{}';
SELECT lives_ok('SELECT maintain_workflow_events_partitions()', 'rows in DEFAULT do not stop upkeep');
SELECT is((SELECT count(*)::int FROM workflow_events_default), 2, 'they stay where they are');
-- The engine's role does it at a server's start.
SELECT is(t_as('pawl_engine', 'SELECT pawl.create_workflow_events_partition(''2021-03-03'')'), '1', 'the engine may make partitions');
SELECT is((SELECT pg_get_userbyid(relowner)::text FROM pg_class WHERE relname = 'workflow_events_y2021m03'), 'pawl_owner', 'which the owner owns');
SET LOCAL ROLE pawl_engine;
SELECT lives_ok($$SELECT 1 FROM pawl.workflow_events WHERE false$$, 'and the engine reads the log');
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
