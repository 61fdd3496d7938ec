-- Law 2, what is projected from the log: each wait and invocation has the event that opened it, none is open in a run that
-- has ended, none is of a run that does not exist, lanes follow from ids, and each run has its version (no foreign key).
-- $1: how many violations are listed.
WITH violations AS (
  SELECT r.tenant_id, r.run_id, found.what
  FROM pawl.workflow_runs r
  LEFT JOIN pawl.workflow_definition_versions v
    ON v.tenant_id = r.tenant_id AND v.version_id = r.version_id AND v.definition_id = r.definition_id
  CROSS JOIN LATERAL (
    VALUES
      (v.version_id IS NULL, 'the run is of a version that does not exist'),
      (r.lane <> ('x' || right(r.run_id::text, 3))::bit(12)::int, format('the run is in lane %s, not in that of its id', r.lane)),
      ((r.ended_at IS NOT NULL) <> (r.status IN ('completed', 'faulted', 'cancelled', 'compensated')),
       format('the run is %s and has %s end', r.status, CASE WHEN r.ended_at IS NULL THEN 'no' ELSE 'an' END)),
      (r.outcome::text <> r.status::text, format('the run is %s and its outcome %s', r.status, r.outcome))
  ) AS found (violated, what)
  WHERE found.violated

  UNION ALL
  SELECT w.tenant_id, w.run_id, format('wait %s %s', w.wait_no, found.what)
  FROM pawl.workflow_run_waits w
  LEFT JOIN pawl.workflow_runs r ON r.tenant_id = w.tenant_id AND r.run_id = w.run_id
  CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE e.type = 'wait.opened') AS opened,
           count(*) FILTER (WHERE e.type = 'wait.closed') AS closed
    FROM pawl.workflow_events e
    WHERE e.tenant_id = w.tenant_id AND e.run_id = w.run_id
      AND e.type IN ('wait.opened', 'wait.closed') AND (e.payload ->> 'wait')::int = w.wait_no
  ) AS log
  CROSS JOIN LATERAL (
    VALUES
      (r.run_id IS NULL, 'is of a run that does not exist'),
      (r.ended_at IS NOT NULL, 'is open, and its run has ended'),
      (r.lane <> w.lane, 'is in another lane than its run'),
      (r.run_id IS NOT NULL AND log.opened <> 1, format('has %s events that opened it', log.opened)),
      (log.closed <> 0, 'is open, and an event closed it')
  ) AS found (violated, what)
  WHERE found.violated

  UNION ALL
  SELECT i.tenant_id, i.run_id, format('invocation %s %s', i.invocation_id, found.what)
  FROM pawl.workflow_action_invocations i
  LEFT JOIN pawl.workflow_runs r ON r.tenant_id = i.tenant_id AND r.run_id = i.run_id
  LEFT JOIN pawl.workflow_events e
    ON e.tenant_id = i.tenant_id AND e.run_id = i.run_id AND e.seq = i.event_seq AND e.ts = i.event_ts
  CROSS JOIN LATERAL (
    VALUES
      (r.run_id IS NULL, 'is of a run that does not exist'),
      (r.ended_at IS NOT NULL AND i.resolved_at IS NULL, 'is open, and its run has ended'),
      (r.lane <> i.lane, 'is in another lane than its run'),
      (r.run_id IS NOT NULL AND e.type IS DISTINCT FROM 'invocation.requested',
       format('refers to event %s, which is %s', i.event_seq, coalesce(e.type, 'not there'))),
      (e.payload ->> 'invocation' <> i.invocation_id::text, format('refers to event %s of another invocation', i.event_seq))
  ) AS found (violated, what)
  WHERE found.violated
)
SELECT 2 AS law, tenant_id, run_id, what
FROM violations
ORDER BY tenant_id, run_id, what
LIMIT $1
