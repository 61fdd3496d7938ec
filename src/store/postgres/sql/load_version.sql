SELECT d.definition_id, v.version_id, d.namespace, d.name, v.version, v.source
FROM pawl.workflow_definition_versions v
JOIN pawl.workflow_definitions d ON d.tenant_id = v.tenant_id AND d.definition_id = v.definition_id
WHERE v.tenant_id = $1::uuid
  AND v.version_id = $2::uuid
