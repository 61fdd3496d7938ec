-- Not pruned by the runs' times: what is out of place is looked for too.
SELECT e.seq, e.type, e.ts, e.path, e.payload, e.epoch, e.tenant_id, e.run_id
FROM unnest($1::uuid[], $2::uuid[]) AS wanted (tenant_id, run_id)
CROSS JOIN LATERAL (
  SELECT *
  FROM pawl.workflow_events e
  WHERE e.run_id = wanted.run_id
    AND e.tenant_id = wanted.tenant_id
  ORDER BY e.seq, e.ts
  OFFSET 0
) AS e
