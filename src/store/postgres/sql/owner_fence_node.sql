UPDATE pawl.engine_loops
SET state = 'fenced'
WHERE node_id = $1::uuid
  AND state = 'live'
