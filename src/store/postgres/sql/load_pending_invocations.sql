-- A window of the open invocations of some lanes, after the last one of the window before.
SELECT tenant_id, invocation_id, run_id, status, resolution, attempt, lease, deaths, path, queue, action, action_version,
       idempotency_key, worker, priority, event_seq, event_ts, created_at, leased_until
FROM pawl.workflow_action_invocations
WHERE lane = ANY ($1::smallint[])
  AND resolved_at IS NULL
  AND (lane, invocation_id, tenant_id) > ($2::smallint, $3::uuid, $4::uuid)
ORDER BY lane, invocation_id, tenant_id
LIMIT $5::bigint
