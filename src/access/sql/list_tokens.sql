SELECT tenant_id, token_id, name, created_at, expires_at, revoked_at
FROM pawl.api_tokens
WHERE tenant_id = $1
ORDER BY created_at DESC, token_id
