-- The login's own role for the rest of the transaction: as pawl_engine, pg_stat_activity shows nothing of the neighbours,
-- and their backends may not be ended.
SET LOCAL ROLE NONE
