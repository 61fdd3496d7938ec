-- Which of the tokens are known, and whether each is the one under which its task was given out last.
SELECT token.item, invocation.attempt = token.attempt AND invocation.lease = token.lease
FROM unnest($2::integer[], $3::uuid[], $4::integer[], $5::integer[]) AS token(item, invocation_id, attempt, lease)
JOIN pawl.workflow_action_invocations invocation
  ON invocation.tenant_id = $1::uuid
 AND invocation.invocation_id = token.invocation_id
 AND invocation.attempt >= token.attempt
 AND (invocation.attempt > token.attempt OR invocation.lease >= token.lease)
