-- A window of the waits of some lanes that are due before the horizon, after the last one of the window before.
-- lane + 0: with the lanes as an index condition, all that is due would be read once for each lane.
SELECT tenant_id, run_id, wait_no, kind, path, due_at
FROM pawl.workflow_run_waits
WHERE due_at >= $3::timestamptz
  AND due_at < $2::timestamptz
  AND (lane + 0)::smallint = ANY ($1::smallint[])
  AND filter_no = 0
  AND (due_at, tenant_id, run_id, wait_no) > ($3::timestamptz, $4::uuid, $5::uuid, $6::integer)
ORDER BY due_at, tenant_id, run_id, wait_no
LIMIT $7::bigint
