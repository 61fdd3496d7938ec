-- A token that is good now, and how long it stays so at most. By a server: as pawl_reader and as the tenant that the token names.
SELECT secret_sha256, expires_at - now()
FROM pawl.api_tokens
WHERE tenant_id = $1
  AND token_id = $2
  AND revoked_at IS NULL
  AND (expires_at IS NULL OR expires_at > now())
