SELECT dropped
FROM pawl.workflow_run_log_counts
WHERE tenant_id = $1::uuid
  AND run_id = $2::uuid
  AND invocation_id = '00000000-0000-0000-0000-000000000000'
