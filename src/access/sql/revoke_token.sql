-- Once revoked, the time of the first revocation stays.
UPDATE pawl.api_tokens
SET revoked_at = coalesce(revoked_at, now())
WHERE tenant_id = $1
  AND token_id = $2
RETURNING tenant_id, token_id, name, created_at, expires_at, revoked_at
