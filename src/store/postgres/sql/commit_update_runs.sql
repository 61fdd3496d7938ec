-- The compare of the revision: what makes each history right (law 2). Counted.
-- LATERAL … LIMIT 1, here and below: one look-up by key for each row, however small the table was when the plan was made.
WITH current AS (
  SELECT c.now, c.status, c.updated_at, c.ended_at, found.ctid AS place
  FROM unnest($1::uuid[], $2::uuid[], $3::integer[], $4::integer[], $5::text[], $6::timestamptz[], $7::timestamptz[])
    AS c (tenant_id, run_id, was, now, status, updated_at, ended_at)
  CROSS JOIN LATERAL (
    SELECT r.ctid
    FROM pawl.workflow_runs r
    WHERE r.tenant_id = c.tenant_id
      AND r.run_id = c.run_id
      AND r.revision = c.was
    LIMIT 1
  ) AS found
),
changed AS (
  UPDATE pawl.workflow_runs r
  SET revision = current.now,
      status = current.status::pawl.run_status,
      updated_at = current.updated_at,
      ended_at = current.ended_at,
      outcome = CASE WHEN current.ended_at IS NOT NULL THEN current.status::pawl.run_outcome END
  FROM current
  WHERE r.ctid = current.place
  RETURNING 1
)
SELECT pawl.must((SELECT count(*) FROM changed), cardinality($1), 'run')
