-- Starts: the primary key decides who wins, and only a winner's events are written. Returns the winners.
-- $1 … $16: the run rows. $17 … $24: their events.
-- IN … IS TRUE is always a hashed subplan; a join would be planned for the ten rows that a generic plan takes an array for.
WITH won AS (
  INSERT INTO pawl.workflow_runs (tenant_id, run_id, definition_id, version_id, lane, status, revision, priority, queue, trigger_kind,
                                  idempotency_key, request_sha256, correlation_id, root_run_id, started_at, updated_at, ended_at, outcome)
  SELECT s.tenant_id, s.run_id, s.definition_id, s.version_id, s.lane, s.status::pawl.run_status, s.revision, s.priority, s.queue,
         s.trigger_kind, s.idempotency_key, s.request_sha256, s.correlation_id, s.run_id, s.started_at, s.updated_at, s.ended_at,
         CASE WHEN s.ended_at IS NOT NULL THEN s.status::pawl.run_outcome END
  FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::smallint[], $6::text[], $7::integer[], $8::smallint[], $9::text[],
              $10::text[], $11::text[], $12::bytea[], $13::text[], $14::timestamptz[], $15::timestamptz[], $16::timestamptz[])
    AS s (tenant_id, run_id, definition_id, version_id, lane, status, revision, priority, queue, trigger_kind, idempotency_key,
          request_sha256, correlation_id, started_at, updated_at, ended_at)
  ORDER BY s.tenant_id, s.run_id
  ON CONFLICT (tenant_id, run_id) DO NOTHING
  RETURNING tenant_id, run_id
),
logged AS (
  INSERT INTO pawl.workflow_events (tenant_id, run_id, seq, ts, type, path, epoch, payload)
  SELECT e.tenant_id, e.run_id, e.seq, e.ts, e.type, e.path, e.epoch, e.payload
  FROM unnest($17::uuid[], $18::uuid[], $19::integer[], $20::timestamptz[], $21::text[], $22::text[], $23::integer[], $24::jsonb[])
    AS e (tenant_id, run_id, seq, ts, type, path, epoch, payload)
  WHERE ((e.tenant_id, e.run_id) IN (SELECT tenant_id, run_id FROM won)) IS TRUE
)
SELECT tenant_id, run_id
FROM won
