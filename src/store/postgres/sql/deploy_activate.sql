-- Only if the version is this very document: a refused deployment activates nothing. No update where nothing changes.
UPDATE pawl.workflow_definitions d
SET active_version_id = v.version_id
FROM pawl.workflow_definition_versions v
WHERE d.tenant_id = $1::uuid
  AND d.namespace = $2::text
  AND d.name = $3::text
  AND v.tenant_id = d.tenant_id
  AND v.definition_id = d.definition_id
  AND v.version = $4::text
  AND v.sha256 = $5::bytea
  AND d.active_version_id IS DISTINCT FROM v.version_id
