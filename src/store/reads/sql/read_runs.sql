-- A page of a tenant's runs, newest first. Planned for its values: what is NULL, and the kind of status that is not asked for,
-- falls out, so that an index fits: one of the three on (tenant_id, started_at, run_id), or that of a definition's runs.
-- $4: any, open, trouble or ended. The page is made before the names are joined: what the planner believes of small tables,
-- which nothing ever analyzes, must not make it read all runs. tests/schema/08_lists.sql looks at the plans.
WITH page AS MATERIALIZED (
  SELECT r.*
  FROM pawl.workflow_runs r
  WHERE r.tenant_id = $1::uuid
    AND ($2::timestamptz IS NULL OR (r.started_at, r.run_id) < ($2::timestamptz, $3::uuid))
    AND ($4::text <> 'open' OR r.ended_at IS NULL)
    AND ($4::text <> 'trouble' OR (r.ended_at IS NOT NULL AND r.outcome <> 'completed'::pawl.run_outcome))
    AND ($4::text <> 'ended' OR r.ended_at IS NOT NULL)
    AND ($5::text IS NULL OR r.status = $5::text::pawl.run_status)
    AND ($6::text IS NULL OR r.definition_id = (
          SELECT named.definition_id
          FROM pawl.workflow_definitions named
          WHERE named.tenant_id = $1::uuid
            AND named.namespace = $6::text
            AND named.name = $7::text))
    AND ($8::timestamptz IS NULL OR r.started_at >= $8::timestamptz)
    AND ($9::timestamptz IS NULL OR r.started_at < $9::timestamptz)
  ORDER BY r.started_at DESC, r.run_id DESC
  LIMIT $10::bigint
)
SELECT r.run_id, r.definition_id, r.version_id, d.namespace, d.name, v.version, r.status, r.trigger_kind, r.queue, r.priority,
       r.idempotency_key, r.correlation_id, r.parent_run_id, r.root_run_id, r.started_at, r.updated_at, r.ended_at, r.revision,
       r.suspended_reason
FROM page r
JOIN pawl.workflow_definitions d ON d.tenant_id = r.tenant_id AND d.definition_id = r.definition_id
JOIN pawl.workflow_definition_versions v ON v.tenant_id = r.tenant_id AND v.version_id = r.version_id
ORDER BY r.started_at DESC, r.run_id DESC
