SELECT tenant_id, name, created_at
FROM pawl.tenants
WHERE name = $1
