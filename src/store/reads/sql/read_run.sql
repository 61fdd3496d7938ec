SELECT r.run_id, r.definition_id, r.version_id, d.namespace, d.name, v.version, r.status, r.trigger_kind, r.queue, r.priority,
       r.idempotency_key, r.correlation_id, r.parent_run_id, r.root_run_id, r.started_at, r.updated_at, r.ended_at, r.revision,
       r.suspended_reason
FROM pawl.workflow_runs r
JOIN pawl.workflow_definitions d ON d.tenant_id = r.tenant_id AND d.definition_id = r.definition_id
JOIN pawl.workflow_definition_versions v ON v.tenant_id = r.tenant_id AND v.version_id = r.version_id
WHERE r.tenant_id = $1::uuid
  AND r.run_id = $2::uuid
