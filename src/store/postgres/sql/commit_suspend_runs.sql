-- Runs whose histories cannot be folded, and those that can be again ($4: an empty reason). Not counted: one that has ended stays
-- as it is, and what was not written is met again when something comes for the run.
UPDATE pawl.workflow_runs r
SET status = found.status::pawl.run_status,
    suspended_reason = nullif(found.reason, '')
FROM (
  SELECT s.status, s.reason, run.ctid AS place
  FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[]) AS s (tenant_id, run_id, status, reason)
  CROSS JOIN LATERAL (
    SELECT r.ctid
    FROM pawl.workflow_runs r
    WHERE r.tenant_id = s.tenant_id
      AND r.run_id = s.run_id
    LIMIT 1
  ) AS run
) AS found
WHERE r.ctid = found.place
  AND r.ended_at IS NULL
