INSERT INTO pawl.workflow_definition_versions (tenant_id, version_id, definition_id, version, source, source_type, document, sha256)
SELECT d.tenant_id, $4::uuid, d.definition_id, $5::text, $6::bytea, $7::text, $8::jsonb, $9::bytea
FROM pawl.workflow_definitions d
WHERE d.tenant_id = $1::uuid
  AND d.namespace = $2::text
  AND d.name = $3::text
ON CONFLICT DO NOTHING
