-- Law 5, no stuck runs: what has not ended has an open invocation, a wait, or an operator's suspension (a halted compensation
-- waits for one too). And who sleeps is woken: a wait that a clock ends has its time.
-- $1: how many violations are listed.
SELECT 5 AS law, r.tenant_id, r.run_id, format('the run is %s, and nothing will wake it', r.status) AS what
FROM pawl.workflow_runs r
WHERE r.ended_at IS NULL
  AND r.status NOT IN ('suspended', 'compensation_failed')
  AND NOT EXISTS (
    SELECT FROM pawl.workflow_run_waits w
    WHERE w.tenant_id = r.tenant_id AND w.run_id = r.run_id
  )
  AND NOT EXISTS (
    SELECT FROM pawl.workflow_action_invocations i
    WHERE i.tenant_id = r.tenant_id AND i.run_id = r.run_id AND i.resolved_at IS NULL
  )
ORDER BY r.tenant_id, r.run_id
LIMIT $1
