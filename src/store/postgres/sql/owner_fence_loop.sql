-- Waits for the commit that is in flight; none passes afterwards.
UPDATE pawl.engine_loops
SET state = 'fenced'
WHERE loop_id = $1::uuid
  AND state = 'live'
