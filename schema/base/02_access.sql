-- Tenants and the tokens by which their programs come in.
SET LOCAL ROLE pawl_owner;
SET LOCAL search_path = pawl;

CREATE TABLE tenants (
  tenant_id uuid NOT NULL,
  name text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT tenants_pkey PRIMARY KEY (tenant_id),
  CONSTRAINT tenants_name_key UNIQUE (name),
  CONSTRAINT tenants_name_check CHECK (octet_length(name) BETWEEN 1 AND 63)
);
COMMENT ON TABLE tenants IS 'who owns definitions and runs; a reference table on Citus';

-- One row a tenant, always: the anchor of Citus's router-form statements (citus.md), and the place of what can be set.
CREATE TABLE tenant_settings (
  tenant_id uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT tenant_settings_pkey PRIMARY KEY (tenant_id),
  CONSTRAINT tenant_settings_tenant_fk FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
);
COMMENT ON TABLE tenant_settings IS 'one row a tenant; the first table of the colocation group on Citus';
CREATE TRIGGER tenant_settings_updated BEFORE UPDATE ON tenant_settings
  FOR EACH ROW EXECUTE FUNCTION update_updated_column();

-- The text of a token carries its tenant and its id, so that it is found by the primary key; of the secret there is
-- only the SHA-256: 256 random bits need no slow hash.
CREATE TABLE api_tokens (
  tenant_id uuid NOT NULL,
  token_id uuid NOT NULL,
  name text NOT NULL,
  secret_sha256 bytea NOT NULL,
  expires_at timestamptz,
  revoked_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT api_tokens_pkey PRIMARY KEY (tenant_id, token_id),
  CONSTRAINT api_tokens_tenant_fk FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id),
  CONSTRAINT api_tokens_name_check CHECK (octet_length(name) BETWEEN 1 AND 255),
  CONSTRAINT api_tokens_secret_check CHECK (octet_length(secret_sha256) = 32)
);
COMMENT ON TABLE api_tokens IS 'bearer tokens of programs: hashed, revocable, never shown again';

SELECT secure_tenant_table(t) FROM unnest(ARRAY['tenants', 'tenant_settings', 'api_tokens']::regclass[]) AS t;
GRANT SELECT ON tenants, tenant_settings TO pawl_engine, pawl_app, pawl_reader;
GRANT SELECT ON api_tokens TO pawl_reader;     -- the server's reads alone: the hash of a secret is no application's business
