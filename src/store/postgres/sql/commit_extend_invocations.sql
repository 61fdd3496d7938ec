-- Heartbeats: only the newest lease is extended. Not counted.
WITH current AS (
  SELECT w.for_time, w.progress, found.ctid AS place
  FROM unnest($1::uuid[], $2::uuid[], $3::integer[], $4::integer[], $5::interval[], $6::boolean[])
    AS w (tenant_id, invocation_id, attempt, lease, for_time, progress)
  CROSS JOIN LATERAL (
    SELECT i.ctid
    FROM pawl.workflow_action_invocations i
    WHERE i.tenant_id = w.tenant_id
      AND i.invocation_id = w.invocation_id
      AND i.attempt = w.attempt
      AND i.lease = w.lease
      AND i.status = 'leased'
    FOR UPDATE SKIP LOCKED
  ) AS found
)
UPDATE pawl.workflow_action_invocations i
SET leased_until = clock_timestamp() + current.for_time,
    deaths = CASE WHEN current.progress THEN 0 ELSE i.deaths END
FROM current
WHERE i.ctid = current.place
RETURNING i.tenant_id, i.invocation_id, i.lease, i.deaths, i.leased_until
