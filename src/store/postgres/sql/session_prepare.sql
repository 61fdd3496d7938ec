-- What is committed must be on disk: at least synchronous_commit = on, and the caller refuses a server without fsync.
SELECT current_setting('fsync') = 'on',
       set_config('synchronous_commit',
                  CASE WHEN current_setting('synchronous_commit') IN ('off', 'local', 'remote_write') THEN 'on'
                       ELSE current_setting('synchronous_commit') END,
                  false)
