-- A wait is closed once: counted.
WITH current AS (
  SELECT found.ctid AS place
  FROM unnest($1::uuid[], $2::uuid[], $3::integer[]) AS c (tenant_id, run_id, wait_no)
  CROSS JOIN LATERAL (
    SELECT w.ctid
    FROM pawl.workflow_run_waits w
    WHERE w.tenant_id = c.tenant_id
      AND w.run_id = c.run_id
      AND w.wait_no = c.wait_no
      AND w.filter_no = 0
    LIMIT 1
  ) AS found
),
closed AS (
  DELETE FROM pawl.workflow_run_waits w
  USING current
  WHERE w.ctid = current.place
  RETURNING 1
)
SELECT pawl.must((SELECT count(*) FROM closed), cardinality($1), 'wait')
