-- On the private server alone, where whoever reaches the socket's folder is trusted.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'pawl_server') THEN
    CREATE ROLE pawl_server LOGIN NOINHERIT;
  END IF;
EXCEPTION
  WHEN duplicate_object OR unique_violation THEN NULL;
END $$;

-- The login of servers, if the operator has made one, becomes a member of what it needs. Idempotent, and safe beside
-- another database's migration, since roles belong to the whole server.
DO $$
DECLARE
  wanted text;
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'pawl_server') THEN
    RETURN;
  END IF;
  PERFORM pg_advisory_xact_lock(5058135470002);
  FOREACH wanted IN ARRAY ARRAY['pawl_engine', 'pawl_reader'] LOOP
    IF NOT pg_has_role('pawl_server', wanted, 'MEMBER') THEN
      BEGIN
        EXECUTE format('GRANT %I TO pawl_server', wanted);
      EXCEPTION
        WHEN unique_violation OR internal_error THEN NULL;   -- "tuple concurrently updated": somebody else did it
      END;
    END IF;
  END LOOP;
  IF (SELECT rolinherit FROM pg_roles WHERE rolname = 'pawl_server') THEN
    RAISE WARNING 'the login pawl_server inherits its roles'' rights; ALTER ROLE pawl_server NOINHERIT is safer';
  END IF;
END $$;
