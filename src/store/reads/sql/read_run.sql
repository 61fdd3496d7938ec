-- A run, or what an application has asked for in its own transaction and no owner has started yet: that is pending.
SELECT r.run_id, r.definition_id, r.version_id, d.namespace, d.name, v.version, r.status, r.trigger_kind, r.queue, r.priority,
       r.idempotency_key, r.correlation_id, r.parent_run_id, r.root_run_id, r.started_at, r.updated_at, r.ended_at, r.revision,
       r.suspended_reason
FROM pawl.workflow_runs r
JOIN pawl.workflow_definitions d ON d.tenant_id = r.tenant_id AND d.definition_id = r.definition_id
JOIN pawl.workflow_definition_versions v ON v.tenant_id = r.tenant_id AND v.version_id = r.version_id
WHERE r.tenant_id = $1::uuid
  AND r.run_id = $2::uuid
UNION ALL
SELECT i.run_id, d.definition_id, v.version_id, d.namespace, d.name, v.version, 'pending'::pawl.run_status, 'sql', NULL, 5::smallint,
       i.payload ->> 'idempotencyKey', NULL, NULL, i.run_id, i.created_at, i.created_at, NULL, 0, NULL
FROM pawl.run_inbox i
JOIN pawl.workflow_definitions d ON d.tenant_id = i.tenant_id
  AND d.namespace = split_part(i.payload ->> 'definition', '/', 1)
  AND d.name = split_part(i.payload ->> 'definition', '/', 2)
JOIN pawl.workflow_definition_versions v ON v.tenant_id = d.tenant_id AND v.definition_id = d.definition_id
  AND v.version = i.payload ->> 'version'
WHERE i.tenant_id = $1::uuid
  AND i.run_id = $2::uuid
  AND i.kind = 'start'
  AND NOT EXISTS (SELECT FROM pawl.workflow_runs r WHERE r.tenant_id = $1::uuid AND r.run_id = $2::uuid)
LIMIT 1
