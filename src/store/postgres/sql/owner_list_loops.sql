-- Before the backends are looked at: a loop that registers in between must not look dead.
SELECT l.loop_id, l.node_id, l.state = 'live', l.backend_pid, l.backend_start, n.lease_until < clock_timestamp()
FROM pawl.engine_loops l
JOIN pawl.engine_nodes n USING (node_id)
WHERE EXISTS (SELECT FROM pawl.engine_lanes e WHERE e.loop_id = l.loop_id)
ORDER BY l.loop_id
