SELECT pid, backend_start
FROM pg_stat_activity
WHERE backend_type = 'client backend'
