-- A window of the open invocations of some lanes: $1, in order; of the first of them only what is after ($2, $3). One look-up
-- a lane, which ends when the window is full; lane = ANY(…) would read and sort them all for each window.
SELECT i.*
FROM unnest($1::smallint[]) WITH ORDINALITY AS wanted (lane, place)
CROSS JOIN LATERAL (
  SELECT tenant_id, invocation_id, run_id, status, resolution, attempt, lease, deaths, path, queue, action, action_version,
         idempotency_key, worker, priority, event_seq, event_ts, created_at, leased_until
  FROM pawl.workflow_action_invocations
  WHERE lane = wanted.lane
    AND resolved_at IS NULL
    AND invocation_id >= CASE WHEN wanted.place = 1 THEN $2::uuid ELSE '00000000-0000-0000-0000-000000000000' END
    AND (wanted.place > 1 OR (invocation_id, tenant_id) > ($2::uuid, $3::uuid))
  ORDER BY invocation_id, tenant_id
  LIMIT $4::bigint
) AS i
ORDER BY wanted.place, i.invocation_id, i.tenant_id
LIMIT $4::bigint
