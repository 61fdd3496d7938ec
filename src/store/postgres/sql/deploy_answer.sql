SELECT d.definition_id, v.version_id, v.sha256, v.version_id = d.active_version_id
FROM pawl.workflow_definitions d
JOIN pawl.workflow_definition_versions v ON v.tenant_id = d.tenant_id AND v.definition_id = d.definition_id
WHERE d.tenant_id = $1::uuid
  AND d.namespace = $2::text
  AND d.name = $3::text
  AND v.version = $4::text
