INSERT INTO pawl.workflow_events (tenant_id, run_id, seq, ts, type, path, epoch, payload)
SELECT e.tenant_id, e.run_id, e.seq, e.ts, e.type, e.path, e.epoch, e.payload
FROM unnest($1::uuid[], $2::uuid[], $3::integer[], $4::timestamptz[], $5::text[], $6::text[], $7::integer[], $8::jsonb[])
  AS e (tenant_id, run_id, seq, ts, type, path, epoch, payload)
