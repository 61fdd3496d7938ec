-- Invocations that are completed, failed or revoked: compare-and-set, counted. What a worker's transaction holds, or has
-- completed ($6: unless that is what ends it), falls out, and the short count tells that the inbox is to be read first.
WITH current AS (
  SELECT w.resolution, w.resolved_at, found.ctid AS place
  FROM unnest($1::uuid[], $2::uuid[], $3::integer[], $4::text[], $5::timestamptz[],
              $6::boolean[])
    AS w (tenant_id, invocation_id, attempt, resolution, resolved_at, accepted)
  CROSS JOIN LATERAL (
    SELECT i.ctid
    FROM pawl.workflow_action_invocations i
    WHERE i.tenant_id = w.tenant_id
      AND i.invocation_id = w.invocation_id
      AND i.attempt = w.attempt
      AND (i.status IN ('ready', 'leased') OR (i.status = 'completing' AND w.accepted))
    FOR UPDATE SKIP LOCKED
  ) AS found
),
changed AS (
  UPDATE pawl.workflow_action_invocations i
  SET status = 'resolved',
      resolution = current.resolution::pawl.invocation_resolution,
      resolved_at = current.resolved_at
  FROM current
  WHERE i.ctid = current.place
  RETURNING 1
)
SELECT pawl.must((SELECT count(*) FROM changed), cardinality($1), 'invocation')
