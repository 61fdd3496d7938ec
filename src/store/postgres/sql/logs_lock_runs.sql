-- Whoever holds a run's row numbers its lines.
SELECT 1
FROM pawl.workflow_run_log_counts counts
WHERE counts.tenant_id = $1::uuid
  AND counts.invocation_id = '00000000-0000-0000-0000-000000000000'
  AND counts.run_id IN (SELECT invocation.run_id
                        FROM pawl.workflow_action_invocations invocation
                        WHERE invocation.tenant_id = $1::uuid
                          AND invocation.invocation_id = ANY ($2::uuid[]))
ORDER BY counts.run_id
FOR UPDATE
