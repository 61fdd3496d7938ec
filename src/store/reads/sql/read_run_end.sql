-- Results that came too late are logged behind the run's end.
SELECT payload
FROM pawl.workflow_events
WHERE run_id = $2::uuid
  AND tenant_id = $1::uuid
  AND ts = (SELECT ended_at FROM pawl.workflow_runs WHERE tenant_id = $1::uuid AND run_id = $2::uuid)
  AND type IN ('run.completed', 'run.faulted', 'run.cancelled')
ORDER BY seq DESC
LIMIT 1
