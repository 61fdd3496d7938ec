INSERT INTO pawl.workflow_action_invocations (tenant_id, invocation_id, run_id, path, event_seq, event_ts, lane, queue, action,
                                              action_version, idempotency_key, priority, status, attempt, available_at, created_at)
SELECT i.tenant_id, i.invocation_id, i.run_id, i.path, i.event_seq, i.event_ts, i.lane, i.queue, i.action,
       i.action_version, i.idempotency_key, r.priority, 'ready', 1, i.event_ts, i.event_ts
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::integer[], $6::timestamptz[], $7::smallint[], $8::text[],
            $9::text[], $10::text[], $11::text[])
  AS i (tenant_id, invocation_id, run_id, path, event_seq, event_ts, lane, queue, action, action_version, idempotency_key)
CROSS JOIN LATERAL (
  SELECT r.priority
  FROM pawl.workflow_runs r
  WHERE r.tenant_id = i.tenant_id
    AND r.run_id = i.run_id
  LIMIT 1
) AS r
