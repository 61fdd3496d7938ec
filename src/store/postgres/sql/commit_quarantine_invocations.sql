-- Work that has killed its worker too often: its task has failed in this batch, and the row is listed. Counted.
WITH current AS (
  SELECT found.ctid AS place
  FROM unnest($1::uuid[], $2::uuid[], $3::integer[]) AS w (tenant_id, invocation_id, attempt)
  CROSS JOIN LATERAL (
    SELECT i.ctid
    FROM pawl.workflow_action_invocations i
    WHERE i.tenant_id = w.tenant_id
      AND i.invocation_id = w.invocation_id
      AND i.attempt = w.attempt
      AND i.status IN ('ready', 'leased', 'resolved')
    FOR UPDATE SKIP LOCKED
  ) AS found
),
changed AS (
  UPDATE pawl.workflow_action_invocations i
  SET status = 'quarantined',
      resolution = coalesce(i.resolution, 'failed'),
      resolved_at = coalesce(i.resolved_at, clock_timestamp())
  FROM current
  WHERE i.ctid = current.place
  RETURNING 1
)
SELECT pawl.must((SELECT count(*) FROM changed), cardinality($1), 'invocation')
