-- Looks into what the API's reads need, for rows that no tenant has.
SELECT EXISTS (
         SELECT
         FROM pawl.workflow_runs
         WHERE tenant_id = '00000000-0000-0000-0000-000000000000'
           AND run_id = '00000000-0000-0000-0000-000000000000'),
       EXISTS (
         SELECT
         FROM pawl.workflow_events
         WHERE run_id = '00000000-0000-0000-0000-000000000000'
           AND seq = 1
           AND tenant_id = '00000000-0000-0000-0000-000000000000'
           AND ts = now()),
       EXISTS (
         SELECT
         FROM pawl.workflow_definition_versions
         WHERE tenant_id = '00000000-0000-0000-0000-000000000000'
           AND version_id = '00000000-0000-0000-0000-000000000000')
