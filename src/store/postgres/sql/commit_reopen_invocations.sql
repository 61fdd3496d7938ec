-- Another attempt under the same key opens the same row again. Lease numbers go on: they never repeat. Counted.
WITH current AS (
  SELECT w.attempt, w.path, w.event_seq, w.event_ts, w.queue, found.ctid AS place
  FROM unnest($1::uuid[], $2::uuid[], $3::integer[], $4::text[], $5::integer[], $6::timestamptz[], $7::text[])
    AS w (tenant_id, invocation_id, attempt, path, event_seq, event_ts, queue)
  CROSS JOIN LATERAL (
    SELECT i.ctid
    FROM pawl.workflow_action_invocations i
    WHERE i.tenant_id = w.tenant_id
      AND i.invocation_id = w.invocation_id
      AND i.attempt = w.attempt - 1
      AND i.status IN ('resolved', 'quarantined')
    FOR UPDATE SKIP LOCKED
  ) AS found
),
changed AS (
  UPDATE pawl.workflow_action_invocations i
  SET status = 'ready',
      attempt = current.attempt,
      path = current.path,
      event_seq = current.event_seq,
      event_ts = current.event_ts,
      queue = current.queue,
      available_at = current.event_ts,
      resolution = NULL,
      resolved_at = NULL,
      deaths = 0,
      worker = NULL,
      leased_until = NULL
  FROM current
  WHERE i.ctid = current.place
  RETURNING 1
)
SELECT pawl.must((SELECT count(*) FROM changed), cardinality($1), 'invocation')
