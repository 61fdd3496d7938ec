-- Of a retry also which attempt it will be: the last events of the run say it, where the retry is what happened last.
SELECT opened.path, opened.kind, opened.due_at,
       CASE WHEN opened.kind = 'retry' THEN (
         SELECT event.payload ->> 'attempt'
         FROM pawl.workflow_events event
         WHERE event.run_id = $2::uuid
           AND event.tenant_id = $1::uuid
           AND event.seq > run.revision - 100
           AND event.ts >= opened.opened_at
           AND event.ts <= run.updated_at
           AND event.type = 'task.retrying'
           AND event.path = opened.path
         ORDER BY event.seq DESC
         LIMIT 1)
       END
FROM pawl.workflow_run_waits opened
JOIN pawl.workflow_runs run
  ON run.tenant_id = opened.tenant_id
 AND run.run_id = opened.run_id
WHERE opened.tenant_id = $1::uuid
  AND opened.run_id = $2::uuid
ORDER BY opened.wait_no, opened.filter_no
LIMIT $3::bigint
