SELECT invocation_id, path, queue, action, status, attempt, deaths, worker, leased_until, available_at
FROM pawl.workflow_action_invocations
WHERE tenant_id = $1::uuid
  AND run_id = $2::uuid
  AND resolved_at IS NULL
ORDER BY created_at, invocation_id
LIMIT $3::bigint
