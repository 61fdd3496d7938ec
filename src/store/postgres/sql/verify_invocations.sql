SELECT i.tenant_id, i.run_id, i.invocation_id, i.attempt
FROM unnest($1::uuid[], $2::uuid[]) AS wanted (tenant_id, run_id)
CROSS JOIN LATERAL (
  SELECT *
  FROM pawl.workflow_action_invocations i
  WHERE i.tenant_id = wanted.tenant_id
    AND i.run_id = wanted.run_id
    AND i.resolved_at IS NULL
  OFFSET 0
) AS i
