-- Definitions and their immutable versions.
SET LOCAL ROLE pawl_owner;
SET LOCAL search_path = pawl;

CREATE TABLE workflow_definitions (
  tenant_id uuid NOT NULL,
  definition_id uuid NOT NULL,
  namespace text NOT NULL,
  name text NOT NULL,
  active_version_id uuid,                      -- what runs when a start names no version; NULL until one is activated
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT workflow_definitions_pkey PRIMARY KEY (tenant_id, definition_id),
  CONSTRAINT workflow_definitions_name_key UNIQUE (tenant_id, namespace, name),
  CONSTRAINT workflow_definitions_tenant_fk FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id),
  CONSTRAINT workflow_definitions_namespace_check CHECK (octet_length(namespace) BETWEEN 1 AND 255),
  CONSTRAINT workflow_definitions_name_check CHECK (octet_length(name) BETWEEN 1 AND 255)
);
COMMENT ON TABLE workflow_definitions IS 'a workflow by namespace and name';
CREATE TRIGGER workflow_definitions_updated BEFORE UPDATE ON workflow_definitions
  FOR EACH ROW EXECUTE FUNCTION update_updated_column();

CREATE TABLE workflow_definition_versions (
  tenant_id uuid NOT NULL,
  version_id uuid NOT NULL,
  definition_id uuid NOT NULL,
  version text NOT NULL,
  source bytea NOT NULL,                       -- as it was sent, byte for byte
  source_type text NOT NULL,                   -- its media type
  document jsonb NOT NULL,
  sha256 bytea NOT NULL,                       -- of the canonical JSON document: reformatting a file is no new version
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT workflow_definition_versions_pkey PRIMARY KEY (tenant_id, version_id),
  CONSTRAINT workflow_definition_versions_version_key UNIQUE (tenant_id, definition_id, version),
  CONSTRAINT workflow_definition_versions_owner_key UNIQUE (tenant_id, definition_id, version_id),
  CONSTRAINT workflow_definition_versions_definition_fk FOREIGN KEY (tenant_id, definition_id)
    REFERENCES workflow_definitions (tenant_id, definition_id),
  CONSTRAINT workflow_definition_versions_version_check CHECK (octet_length(version) BETWEEN 1 AND 255),
  CONSTRAINT workflow_definition_versions_source_check CHECK (octet_length(source) <= 1048576),
  CONSTRAINT workflow_definition_versions_sha256_check CHECK (octet_length(sha256) = 32)
);
COMMENT ON TABLE workflow_definition_versions IS 'immutable: no role but the owner may change or delete one';

-- Only a version of its own can be a definition's active one.
ALTER TABLE workflow_definitions ADD CONSTRAINT workflow_definitions_active_fk
  FOREIGN KEY (tenant_id, definition_id, active_version_id)
  REFERENCES workflow_definition_versions (tenant_id, definition_id, version_id);

SELECT secure_tenant_table(t) FROM unnest(ARRAY['workflow_definitions', 'workflow_definition_versions']::regclass[]) AS t;
GRANT SELECT ON workflow_definitions, workflow_definition_versions TO pawl_engine, pawl_app, pawl_reader;
GRANT INSERT ON workflow_definitions, workflow_definition_versions TO pawl_engine;
GRANT UPDATE ON workflow_definitions TO pawl_engine;
