-- What workers say while they work. Beside the history, not in it: nothing is decided by a line, and one that is lost is lost.
SET LOCAL ROLE pawl_owner;
SET LOCAL search_path = pawl;

CREATE TYPE log_level AS ENUM ('debug', 'info', 'warning', 'error');

CREATE TABLE workflow_run_logs (
  tenant_id uuid NOT NULL,
  run_id uuid NOT NULL,
  line integer NOT NULL,                       -- 1, 2, 3 … of the run, in the order of arrival: the cursor of readers
  ts timestamptz NOT NULL,                     -- the worker's, or when it arrived
  level log_level NOT NULL,
  invocation_id uuid NOT NULL,
  path text NOT NULL,                          -- execution id of the task
  attempt integer NOT NULL,
  cut boolean NOT NULL,                        -- the message was longer
  message text NOT NULL,
  CONSTRAINT workflow_run_logs_pkey PRIMARY KEY (tenant_id, run_id, line),
  CONSTRAINT workflow_run_logs_line_check CHECK (line > 0),
  CONSTRAINT workflow_run_logs_message_check CHECK (octet_length(message) <= 8192)
);
COMMENT ON TABLE workflow_run_logs IS 'lines that workers log for their tasks: POST /v1/tasks:log, GET /v1/runs/{id}/logs';

-- How many lines there are, so that a limit costs no count, and how many were dropped beyond it. The row of a run is the
-- lock under which its lines are numbered.
CREATE TABLE workflow_run_log_counts (
  tenant_id uuid NOT NULL,
  run_id uuid NOT NULL,
  invocation_id uuid NOT NULL,                 -- all zeros: of the whole run
  lines integer NOT NULL DEFAULT 0,
  dropped bigint NOT NULL DEFAULT 0,
  CONSTRAINT workflow_run_log_counts_pkey PRIMARY KEY (tenant_id, run_id, invocation_id),
  CONSTRAINT workflow_run_log_counts_count_check CHECK (lines >= 0 AND dropped >= 0)
) WITH (fillfactor = 70);
COMMENT ON TABLE workflow_run_log_counts IS 'lines of a run and of each of its tasks, kept and dropped';

SELECT secure_tenant_table(t) FROM unnest(ARRAY['workflow_run_logs', 'workflow_run_log_counts']::regclass[]) AS t;
GRANT SELECT ON workflow_run_logs, workflow_run_log_counts TO pawl_engine, pawl_app, pawl_reader;
GRANT INSERT ON workflow_run_logs, workflow_run_log_counts TO pawl_engine;
GRANT UPDATE ON workflow_run_log_counts TO pawl_engine;
