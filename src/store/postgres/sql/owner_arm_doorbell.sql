-- Waits for the ends of transactions that are ringing: what they have committed is seen by who looks afterwards.
INSERT INTO pawl.engine_doorbells (loop_id, armed)
VALUES ($1::uuid, $2::boolean)
ON CONFLICT (loop_id) DO UPDATE SET armed = excluded.armed
