SELECT tenant_id, invocation_id, run_id, status, resolution, attempt, lease, deaths, path, queue, action, action_version,
       idempotency_key, worker, priority, event_seq, event_ts, created_at, leased_until
FROM pawl.workflow_action_invocations
WHERE tenant_id = $1::uuid
  AND invocation_id = $2::uuid
