SELECT invocation_id, worker
FROM pawl.workflow_action_invocations
WHERE tenant_id = $1::uuid
  AND run_id = $2::uuid
  AND worker IS NOT NULL
