-- What was asked of a run, and is done: counted.
WITH done AS (
  DELETE FROM pawl.run_inbox i
  USING unnest($1::uuid[], $2::uuid[]) AS d (tenant_id, inbox_id)
  WHERE i.tenant_id = d.tenant_id
    AND i.inbox_id = d.inbox_id
  RETURNING 1
)
SELECT pawl.must((SELECT count(*) FROM done), cardinality($1), 'inbox')
