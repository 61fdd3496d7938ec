-- Its life is counted by the database's clock, as it is when it is looked up.
INSERT INTO pawl.api_tokens (tenant_id, token_id, name, secret_sha256, expires_at)
VALUES ($1, $2, $3, $4, now() + $5)
RETURNING tenant_id, token_id, name, created_at, expires_at, revoked_at
