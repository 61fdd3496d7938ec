-- Appends lines to their runs, as far as the limits of a task ($11) and of a run ($12) let them, and counts the others.
-- $2 … $5: the tokens by item; $6 … $10: the lines, each with its item, in their order. Answers how many of each item were dropped.
WITH task AS MATERIALIZED (
  SELECT token.item, token.attempt, invocation.invocation_id, invocation.run_id, invocation.path
  FROM unnest($2::integer[], $3::uuid[], $4::integer[], $5::integer[]) AS token(item, invocation_id, attempt, lease)
  JOIN pawl.workflow_action_invocations invocation
    ON invocation.tenant_id = $1::uuid
   AND invocation.invocation_id = token.invocation_id
   AND invocation.attempt >= token.attempt
   AND (invocation.attempt > token.attempt OR invocation.lease >= token.lease)
),
given AS MATERIALIZED (
  SELECT task.*, said.ts, said.level, said.message, said.cut, said.place,
         row_number() OVER (PARTITION BY task.run_id, task.invocation_id ORDER BY said.place) AS of_task
  FROM unnest($6::integer[], $7::timestamptz[], $8::text[], $9::text[], $10::boolean[])
       WITH ORDINALITY AS said(item, ts, level, message, cut, place)
  JOIN task ON task.item = said.item
),
numbered AS MATERIALIZED (
  SELECT given.*, of_run.lines + count(*) FILTER (WHERE of_task.lines + given.of_task <= $11::integer)
                                 OVER (PARTITION BY given.run_id ORDER BY given.place) AS line,
         of_task.lines + given.of_task <= $11::integer AS fits_task
  FROM given
  JOIN pawl.workflow_run_log_counts of_task
    ON of_task.tenant_id = $1::uuid
   AND of_task.run_id = given.run_id
   AND of_task.invocation_id = given.invocation_id
  JOIN pawl.workflow_run_log_counts of_run
    ON of_run.tenant_id = $1::uuid
   AND of_run.run_id = given.run_id
   AND of_run.invocation_id = '00000000-0000-0000-0000-000000000000'
),
placed AS MATERIALIZED (
  SELECT numbered.*, fits_task AND line <= $12::integer AS fits
  FROM numbered
),
kept AS (
  INSERT INTO pawl.workflow_run_logs (tenant_id, run_id, line, ts, level, invocation_id, path, attempt, cut, message)
  SELECT $1::uuid, run_id, line, coalesce(ts, clock_timestamp()), level::pawl.log_level, invocation_id, path, attempt, cut, message
  FROM placed
  WHERE fits
),
counted AS (
  UPDATE pawl.workflow_run_log_counts counts
  SET lines = counts.lines + added.kept,
      dropped = counts.dropped + added.dropped
  FROM (
    SELECT run_id, coalesce(invocation_id, '00000000-0000-0000-0000-000000000000') AS invocation_id,
           (count(*) FILTER (WHERE fits))::integer AS kept,
           count(*) FILTER (WHERE NOT fits) AS dropped
    FROM placed
    GROUP BY GROUPING SETS ((run_id, invocation_id), (run_id))
  ) AS added
  WHERE counts.tenant_id = $1::uuid
    AND counts.run_id = added.run_id
    AND counts.invocation_id = added.invocation_id
)
SELECT item, count(*) FILTER (WHERE NOT fits)
FROM placed
GROUP BY item
