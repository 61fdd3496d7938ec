SELECT w.tenant_id, w.run_id, w.wait_no, w.kind, w.path, w.due_at
FROM unnest($1::uuid[], $2::uuid[]) AS wanted (tenant_id, run_id)
CROSS JOIN LATERAL (
  SELECT *
  FROM pawl.workflow_run_waits w
  WHERE w.tenant_id = wanted.tenant_id
    AND w.run_id = wanted.run_id
    AND w.due_at IS NOT NULL
  ORDER BY w.wait_no
  OFFSET 0
) AS w
