-- A page of runs after the last one of the page before, open ones or all. $1: all.
SELECT tenant_id, run_id, started_at, revision, status, definition_id, version_id,
       (SELECT epoch FROM pawl.engine_lanes e WHERE e.lane = r.lane),
       status = 'suspended' AND suspended_reason IS NOT NULL
FROM pawl.workflow_runs r
WHERE ($1::boolean OR ended_at IS NULL)
  AND (tenant_id, started_at, run_id) > ($2::uuid, $3::timestamptz, $4::uuid)
ORDER BY tenant_id, started_at, run_id
LIMIT $5::bigint
