-- A row to count in, for each task and for its run. In the order of the key, so that two who do this never wait for each
-- other in a ring.
INSERT INTO pawl.workflow_run_log_counts (tenant_id, run_id, invocation_id)
SELECT DISTINCT $1::uuid, invocation.run_id, counted.invocation_id
FROM unnest($2::uuid[]) AS token(invocation_id)
JOIN pawl.workflow_action_invocations invocation
  ON invocation.tenant_id = $1::uuid
 AND invocation.invocation_id = token.invocation_id
CROSS JOIN LATERAL (VALUES (invocation.invocation_id), ('00000000-0000-0000-0000-000000000000'::uuid)) AS counted(invocation_id)
ORDER BY 2, 3
ON CONFLICT DO NOTHING
