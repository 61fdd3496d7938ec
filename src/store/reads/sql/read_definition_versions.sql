SELECT v.version_id, v.version, v.version_id = d.active_version_id, v.created_at
FROM pawl.workflow_definitions d
JOIN pawl.workflow_definition_versions v ON v.tenant_id = d.tenant_id AND v.definition_id = d.definition_id
WHERE d.tenant_id = $1::uuid
  AND d.namespace = $2::text
  AND d.name = $3::text
  AND ($4::timestamptz IS NULL OR (v.created_at, v.version_id) < ($4::timestamptz, $5::uuid))
ORDER BY v.created_at DESC, v.version_id DESC
LIMIT $6::bigint
