SELECT payload
FROM pawl.workflow_events
WHERE run_id = $2::uuid
  AND tenant_id = $1::uuid
  AND seq = 1
  AND ts = (SELECT started_at FROM pawl.workflow_runs WHERE tenant_id = $1::uuid AND run_id = $2::uuid)
UNION ALL
SELECT jsonb_build_object('input', content)
FROM pawl.run_inbox
WHERE tenant_id = $1::uuid
  AND run_id = $2::uuid
  AND kind = 'start'
LIMIT 1
