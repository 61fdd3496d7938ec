SELECT tenant_id, name, created_at
FROM pawl.tenants
ORDER BY name
