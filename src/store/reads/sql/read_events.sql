-- A page of a run's events: at most $4 of them, and none after those whose payloads have more than $5 bytes together, so that
-- histories of large payloads are not read into memory whole. Step by step, since seq has no gaps: what is not in the page is not
-- even unpacked. `following` is a column because row-level security keeps what is not leakproof, such as a sum, out of an index.
-- The last column: whether there are more behind this one. The run's first and last instant prune the
-- partitions that it never wrote to.
WITH RECURSIVE run AS MATERIALIZED (
  SELECT started_at, updated_at, revision
  FROM pawl.workflow_runs
  WHERE tenant_id = $1::uuid
    AND run_id = $2::uuid
),
page AS (
  SELECT seq, type, ts, path, payload, octet_length(payload::text)::bigint AS bytes, 1 AS place, seq + 1 AS following
  FROM (
    SELECT seq, type, ts, path, payload
    FROM pawl.workflow_events
    WHERE run_id = $2::uuid
      AND tenant_id = $1::uuid
      AND seq = $3::integer + 1
      AND ts >= (SELECT started_at FROM run)
      AND ts <= (SELECT updated_at FROM run)
  ) AS first
  UNION ALL
  SELECT next.seq, next.type, next.ts, next.path, next.payload, page.bytes + octet_length(next.payload::text), page.place + 1,
         next.seq + 1
  FROM page
  CROSS JOIN LATERAL (
    SELECT e.seq, e.type, e.ts, e.path, e.payload
    FROM pawl.workflow_events e
    WHERE e.run_id = $2::uuid
      AND e.tenant_id = $1::uuid
      AND e.seq = page.following
      AND e.ts >= page.ts
      AND e.ts <= (SELECT updated_at FROM run)
    LIMIT 1
  ) AS next
  WHERE page.place < $4::bigint
    AND page.bytes <= $5::bigint
)
SELECT seq, type, ts, path, payload, seq < (SELECT revision FROM run)
FROM page
ORDER BY seq
