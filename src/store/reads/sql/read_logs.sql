SELECT line, ts, level, path, attempt, cut, message
FROM pawl.workflow_run_logs
WHERE tenant_id = $1::uuid
  AND run_id = $2::uuid
  AND line > $3::integer
ORDER BY line
LIMIT $4::bigint
