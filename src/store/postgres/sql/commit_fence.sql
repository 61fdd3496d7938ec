-- First of every commit: raises PW001 unless the loop is live, and keeps it so until the end of the commit.
SELECT pawl.fence($1::uuid), clock_timestamp()
