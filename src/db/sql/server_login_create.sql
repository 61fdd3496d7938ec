-- On the private server alone, where whoever reaches the socket's folder is trusted.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'pawl_server') THEN
    CREATE ROLE pawl_server LOGIN NOINHERIT;
  END IF;
EXCEPTION
  WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
