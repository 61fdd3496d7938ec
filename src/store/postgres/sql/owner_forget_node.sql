UPDATE pawl.engine_nodes
SET lease_until = '-infinity'
WHERE node_id = $1::uuid
