SELECT backend_pid, backend_start
FROM pawl.engine_loops
WHERE loop_id = $1::uuid
