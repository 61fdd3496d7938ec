SELECT definition_id, version_id, trigger_kind, idempotency_key, request_sha256, queue, priority, correlation_id, started_at,
       revision, status, ended_at, suspended_reason
FROM pawl.workflow_runs
WHERE tenant_id = $1::uuid
  AND run_id = $2::uuid
