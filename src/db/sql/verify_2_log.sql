-- Law 2, the log of each run: seq is 1, 2, 3 … revision without a gap and without a double, ts never falls, the run's times are
-- those of its events, and no event is without its run.
-- $1: how many violations are listed. Columns of every check: law, tenant, run, what.
WITH ordered AS (
  SELECT tenant_id, run_id, seq, ts, type,
         lag(ts) OVER run AS ts_before
  FROM pawl.workflow_events
  WINDOW run AS (PARTITION BY tenant_id, run_id ORDER BY seq, ts)
),
logs AS (
  SELECT tenant_id, run_id,
         count(*) AS events,
         count(DISTINCT seq) AS numbers,
         min(seq) AS first_seq,
         max(seq) AS last_seq,
         min(ts) AS first_ts,
         max(ts) AS last_ts,
         min(seq) FILTER (WHERE ts < ts_before) AS falls_at,
         max(ts) FILTER (WHERE type IN ('run.completed', 'run.faulted', 'run.cancelled')) AS ended_ts,
         max(type) FILTER (WHERE type IN ('run.completed', 'run.faulted', 'run.cancelled')) AS ended_by,
         bool_or(seq = 1 AND type <> 'run.started') AS starts_otherwise
  FROM ordered
  GROUP BY tenant_id, run_id
),
compared AS (
  SELECT tenant_id, run_id, l.events, l.numbers, l.first_seq, l.last_seq, l.first_ts, l.falls_at, l.ended_ts, l.ended_by,
         l.starts_otherwise, r.revision, r.started_at, r.ended_at, r.outcome
  FROM pawl.workflow_runs r
  FULL JOIN logs l USING (tenant_id, run_id)
)
SELECT 2 AS law, tenant_id, run_id, what
FROM compared
CROSS JOIN LATERAL (
  VALUES
    (events IS NULL, format('the run has revision %s and no event', revision)),
    (revision IS NULL, format('%s events of a run that does not exist', events)),
    (first_seq <> 1, format('the log begins with seq %s', first_seq)),
    (numbers <> last_seq - first_seq + 1, format('the log has a gap: %s numbers from %s to %s', numbers, first_seq, last_seq)),
    (events <> numbers, format('the log has %s events for %s numbers', events, numbers)),
    (last_seq <> revision, format('the log ends with seq %s, the run has revision %s', last_seq, revision)),
    (falls_at IS NOT NULL, format('ts falls at seq %s', falls_at)),
    (starts_otherwise, 'the first event is not run.started'),
    (first_ts <> started_at, format('the run started at %s, its first event is of %s', started_at, first_ts)),
    (revision IS NOT NULL AND events IS NOT NULL AND ended_at IS DISTINCT FROM ended_ts,
     format('the run ended at %s, the event that ends it is of %s', coalesce(ended_at::text, '-'), coalesce(ended_ts::text, '-'))),
    (ended_by IS NOT NULL AND 'run.' || outcome IS DISTINCT FROM ended_by AND outcome IS NOT NULL,
     format('the run is %s, its log says %s', outcome, ended_by))
) AS found (violated, what)
WHERE violated
ORDER BY tenant_id, run_id
LIMIT $1
