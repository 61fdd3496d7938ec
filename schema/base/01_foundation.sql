-- Roles, the schema, and what every domain shares. Each file of this folder runs inside one transaction (`pawl db migrate`
-- runs them all in one; by hand: psql --single-transaction), as a login that may become pawl_owner.

-- The roles of data-model.md, "Who may do what". Roles belong to the whole server, so another database may have made them.
DO $$
DECLARE
  wanted text;
BEGIN
  FOREACH wanted IN ARRAY ARRAY['pawl_owner', 'pawl_engine', 'pawl_app', 'pawl_reader'] LOOP
    BEGIN
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
        EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
      END IF;
    EXCEPTION
      WHEN duplicate_object OR unique_violation THEN NULL;   -- a migration of another database was faster
    END;
  END LOOP;
  IF NOT pg_has_role(current_user, 'pawl_owner', 'MEMBER') THEN
    EXECUTE format('GRANT pawl_owner TO %I', current_user);
  END IF;
END $$;

CREATE SCHEMA IF NOT EXISTS pawl AUTHORIZATION pawl_owner;

SET LOCAL ROLE pawl_owner;
SET LOCAL search_path = pawl;

GRANT USAGE ON SCHEMA pawl TO pawl_engine, pawl_app, pawl_reader;
-- Functions are for those who are named at each of them, never for PUBLIC.
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

CREATE TABLE schema_migrations (
  name text PRIMARY KEY,
  sha256 bytea NOT NULL,
  pawl_version text NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT schema_migrations_sha256_check CHECK (octet_length(sha256) = 32)
);
COMMENT ON TABLE schema_migrations IS 'the files of schema/ that made this database, with the checksum of each as it was applied';
GRANT SELECT ON schema_migrations TO pawl_engine, pawl_reader;

-- Sets the tenant for the rest of the transaction: what row-level security compares with.
-- Not set_config(): only SET LOCAL reaches Citus workers, and only after propagate_set_commands, which is a mere
-- placeholder on plain PostgreSQL. A caller that forgets it sees nothing.
CREATE FUNCTION as_tenant(tenant uuid) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF tenant IS NULL THEN
    RAISE EXCEPTION 'pawl.as_tenant: the tenant is NULL' USING ERRCODE = '22004';
  END IF;
  SET LOCAL citus.propagate_set_commands = 'local';
  EXECUTE format('SET LOCAL pawl.tenant_id = %L', tenant);
END $$;
GRANT EXECUTE ON FUNCTION as_tenant(uuid) TO pawl_engine, pawl_app, pawl_reader;

-- For cold tables that people change with psql; the hot path never relies on a trigger.
CREATE FUNCTION update_updated_column() RETURNS trigger LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  NEW.updated_at := now();
  RETURN NEW;
END $$;

-- Gives a tenant-owned table its row-level security (law 6): enabled and not forced, a tenant sees its own rows, the
-- engine all. nullif: a setting that was set once and reset is the empty string, and ''::uuid would raise.
CREATE FUNCTION secure_tenant_table(secured regclass) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', secured);
  EXECUTE format($policy$CREATE POLICY tenant ON %s
                         USING (tenant_id = nullif(current_setting('pawl.tenant_id', true), '')::uuid)$policy$, secured);
  EXECUTE format('CREATE POLICY engine ON %s TO pawl_engine USING (true)', secured);
END $$;
