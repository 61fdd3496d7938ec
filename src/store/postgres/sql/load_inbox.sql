-- A window of the inbox of some lanes, after $2. Most of the time there is nothing at all, so it is not looked up by lane.
SELECT tenant_id, inbox_id, run_id, kind, payload::text, content::text
FROM pawl.run_inbox
WHERE inbox_id > $2::uuid
  AND (lane + 0)::smallint = ANY ($1::smallint[])
ORDER BY inbox_id
LIMIT $3::bigint
