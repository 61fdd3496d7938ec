SELECT status
FROM pawl.workflow_runs
WHERE tenant_id = $1::uuid
  AND run_id = $2::uuid
