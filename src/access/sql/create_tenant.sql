-- Both rows or none: tenant_settings is the anchor of statements on Citus. No row when the name is taken.
WITH made AS (
  INSERT INTO pawl.tenants (tenant_id, name)
  VALUES ($1, $2)
  ON CONFLICT (name) DO NOTHING
  RETURNING tenant_id, name, created_at
), settings AS (
  INSERT INTO pawl.tenant_settings (tenant_id)
  SELECT tenant_id FROM made
)
SELECT tenant_id, name, created_at
FROM made
