-- Sent on the commit connection itself, so that the row names the backend whose commits it fences.
INSERT INTO pawl.engine_loops (loop_id, node_id, backend_pid, backend_start)
VALUES ($1::uuid, $2::uuid, pg_backend_pid(), $3::timestamptz)
