UPDATE pawl.engine_nodes
SET lease_until = clock_timestamp() + $2::interval
WHERE node_id = $1::uuid
RETURNING clock_timestamp()
