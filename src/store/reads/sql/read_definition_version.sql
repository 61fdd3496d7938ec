-- One version of a definition; $4 NULL: the active one.
SELECT d.definition_id, v.version_id, d.namespace, d.name, v.version, v.version_id = d.active_version_id, v.created_at,
       v.source, v.source_type, v.document
FROM pawl.workflow_definitions d
JOIN pawl.workflow_definition_versions v ON v.tenant_id = d.tenant_id AND v.definition_id = d.definition_id
WHERE d.tenant_id = $1::uuid
  AND d.namespace = $2::text
  AND d.name = $3::text
  AND CASE WHEN $4::text IS NULL THEN v.version_id = d.active_version_id ELSE v.version = $4::text END
