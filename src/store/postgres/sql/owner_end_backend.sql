-- A process id is used again: only with its start does it name a backend.
SELECT pg_terminate_backend(pid)
FROM pg_stat_activity
WHERE pid = $1::integer
  AND backend_start = $2::timestamptz
