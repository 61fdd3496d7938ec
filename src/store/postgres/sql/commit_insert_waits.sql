INSERT INTO pawl.workflow_run_waits (tenant_id, run_id, wait_no, lane, kind, path, due_at, opened_at)
SELECT w.tenant_id, w.run_id, w.wait_no, w.lane, w.kind::pawl.wait_kind, w.path, w.due_at, w.opened_at
FROM unnest($1::uuid[], $2::uuid[], $3::integer[], $4::smallint[], $5::text[], $6::text[], $7::timestamptz[], $8::timestamptz[])
  AS w (tenant_id, run_id, wait_no, lane, kind, path, due_at, opened_at)
