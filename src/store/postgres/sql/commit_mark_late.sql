-- A result that came too late is in the log: the row remembers, so that its repetition is told "stale" and not logged again. Counted.
WITH current AS (
  SELECT found.ctid AS place
  FROM unnest($1::uuid[], $2::uuid[], $3::integer[]) AS w (tenant_id, invocation_id, attempt)
  CROSS JOIN LATERAL (
    SELECT i.ctid
    FROM pawl.workflow_action_invocations i
    WHERE i.tenant_id = w.tenant_id
      AND i.invocation_id = w.invocation_id
      AND i.attempt = w.attempt
      AND i.status = 'resolved'
    FOR UPDATE SKIP LOCKED
  ) AS found
),
changed AS (
  UPDATE pawl.workflow_action_invocations i
  SET resolution = 'late'
  FROM current
  WHERE i.ctid = current.place
  RETURNING 1
)
SELECT pawl.must((SELECT count(*) FROM changed), cardinality($1), 'invocation')
