-- A page of a run's events. Its first and last instant prune the partitions that it never wrote to.
SELECT seq, type, ts, path, payload
FROM pawl.workflow_events
WHERE run_id = $2::uuid
  AND tenant_id = $1::uuid
  AND seq > $3::integer
  AND ts >= (SELECT started_at FROM pawl.workflow_runs WHERE tenant_id = $1::uuid AND run_id = $2::uuid)
  AND ts <= (SELECT updated_at FROM pawl.workflow_runs WHERE tenant_id = $1::uuid AND run_id = $2::uuid)
ORDER BY seq
LIMIT $4::bigint
