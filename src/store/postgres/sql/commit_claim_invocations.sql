-- Claims: not counted, RETURNING says who got it. Deaths are counted at the claim, and taken back by progress; a claim in the
-- place of one that never reached its worker is none.
WITH current AS (
  SELECT w.worker, w.for_time, w.counts, found.ctid AS place
  FROM unnest($1::uuid[], $2::uuid[], $3::integer[], $4::integer[], $5::text[], $6::interval[], $7::boolean[])
    AS w (tenant_id, invocation_id, attempt, lease, worker, for_time, counts)
  CROSS JOIN LATERAL (
    SELECT i.ctid
    FROM pawl.workflow_action_invocations i
    WHERE i.tenant_id = w.tenant_id
      AND i.invocation_id = w.invocation_id
      AND i.attempt = w.attempt
      AND i.lease = w.lease
      AND i.status IN ('ready', 'leased')
    FOR UPDATE SKIP LOCKED
  ) AS found
)
UPDATE pawl.workflow_action_invocations i
SET status = 'leased',
    lease = i.lease + 1,
    deaths = i.deaths + CASE WHEN current.counts THEN 1 ELSE 0 END,
    worker = current.worker,
    leased_until = clock_timestamp() + current.for_time
FROM current
WHERE i.ctid = current.place
RETURNING i.tenant_id, i.invocation_id, i.lease, i.deaths, i.leased_until
