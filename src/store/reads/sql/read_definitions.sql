SELECT d.definition_id, d.namespace, d.name, v.version, d.created_at, d.updated_at
FROM pawl.workflow_definitions d
LEFT JOIN pawl.workflow_definition_versions v ON v.tenant_id = d.tenant_id AND v.version_id = d.active_version_id
WHERE d.tenant_id = $1::uuid
  AND ($2::timestamptz IS NULL OR (d.created_at, d.definition_id) < ($2::timestamptz, $3::uuid))
ORDER BY d.created_at DESC, d.definition_id DESC
LIMIT $4::bigint
