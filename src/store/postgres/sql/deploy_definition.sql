-- The first who deploys a name makes it; whoever comes meanwhile waits for him.
INSERT INTO pawl.workflow_definitions (tenant_id, definition_id, namespace, name)
VALUES ($1::uuid, $2::uuid, $3::text, $4::text)
ON CONFLICT DO NOTHING
