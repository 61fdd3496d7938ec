-- Law 3, one owner: along seq the epoch never falls, and no event has a later epoch than its lane.
-- $1: how many violations are listed.
WITH ordered AS (
  SELECT tenant_id, run_id, seq, epoch,
         lag(epoch) OVER (PARTITION BY tenant_id, run_id ORDER BY seq, ts) AS epoch_before
  FROM pawl.workflow_events
)
SELECT 3 AS law, o.tenant_id, o.run_id, found.what
FROM ordered o
JOIN pawl.workflow_runs r ON r.tenant_id = o.tenant_id AND r.run_id = o.run_id
JOIN pawl.engine_lanes l ON l.lane = r.lane
CROSS JOIN LATERAL (
  VALUES
    (o.epoch < o.epoch_before, format('the epoch falls from %s to %s at seq %s', o.epoch_before, o.epoch, o.seq)),
    (o.epoch > l.epoch, format('seq %s has the epoch %s, lane %s only %s', o.seq, o.epoch, l.lane, l.epoch))
) AS found (violated, what)
WHERE found.violated
ORDER BY o.tenant_id, o.run_id, o.seq
LIMIT $1
