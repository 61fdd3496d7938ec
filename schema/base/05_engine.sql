-- Who owns which lanes, and the two guards of every commit (engine-protocol.md, sections 1, 2 and 5).
SET LOCAL ROLE pawl_owner;
SET LOCAL search_path = pawl;

CREATE TYPE loop_state AS ENUM ('live', 'fenced');

CREATE TABLE engine_nodes (
  node_id uuid NOT NULL,
  name text NOT NULL,
  address text,                                -- where neighbours reach it; NULL for a node alone
  format smallint NOT NULL,                    -- the newest format of runs that it can fold
  lease_until timestamptz NOT NULL,
  CONSTRAINT engine_nodes_pkey PRIMARY KEY (node_id),
  CONSTRAINT engine_nodes_name_check CHECK (octet_length(name) BETWEEN 1 AND 255)
);
COMMENT ON TABLE engine_nodes IS 'server processes with their leases';

-- One row a commit connection. Commits lock it FOR SHARE, so it is updated only to fence it: that update waits for the
-- commit in flight, and no later one passes.
CREATE TABLE engine_loops (
  loop_id uuid NOT NULL,                       -- random, never used again
  node_id uuid NOT NULL,
  backend_pid integer NOT NULL,
  backend_start timestamptz NOT NULL,
  state loop_state NOT NULL DEFAULT 'live',
  CONSTRAINT engine_loops_pkey PRIMARY KEY (loop_id),
  CONSTRAINT engine_loops_node_fk FOREIGN KEY (node_id) REFERENCES engine_nodes (node_id)
);
COMMENT ON TABLE engine_loops IS 'commit connections; on Citus on every node';

CREATE TABLE engine_lanes (
  lane smallint NOT NULL,
  loop_id uuid,                                -- NULL before the first owner
  epoch integer NOT NULL DEFAULT 0,            -- +1 with every change of loop_id
  format smallint NOT NULL DEFAULT 1,
  CONSTRAINT engine_lanes_pkey PRIMARY KEY (lane),
  CONSTRAINT engine_lanes_lane_check CHECK (lane BETWEEN 0 AND 4095),
  CONSTRAINT engine_lanes_loop_fk FOREIGN KEY (loop_id) REFERENCES engine_loops (loop_id)
) WITH (fillfactor = 50);
COMMENT ON TABLE engine_lanes IS 'the 4,096 slices of runs with their owners';
INSERT INTO engine_lanes (lane) SELECT generate_series(0, 4095);

GRANT SELECT, INSERT, UPDATE ON engine_nodes TO pawl_engine;
GRANT SELECT, INSERT ON engine_loops TO pawl_engine;
GRANT UPDATE (state) ON engine_loops TO pawl_engine;
GRANT SELECT ON engine_lanes TO pawl_engine;
GRANT UPDATE (loop_id, epoch, format) ON engine_lanes TO pawl_engine;

-- First statement of every commit: raises PW001 unless the loop is live, and keeps it so until the end of the commit.
-- It must raise: COMMIT is already in the socket, and a SELECT that returns nothing stops nobody.
CREATE FUNCTION fence(loop uuid) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM 1 FROM pawl.engine_loops WHERE loop_id = loop AND state = 'live' FOR SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'loop % is fenced', loop USING ERRCODE = 'PW001';
  END IF;
END $$;

-- A counted statement's count is what was meant, or nothing commits: PW002.
CREATE FUNCTION must(got bigint, want bigint, what text) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF got IS DISTINCT FROM want THEN
    RAISE EXCEPTION '%: % of %', what, got, want USING ERRCODE = 'PW002';
  END IF;
END $$;
GRANT EXECUTE ON FUNCTION fence(uuid), must(bigint, bigint, text) TO pawl_engine;

-- Forgets loops that nothing refers to any more, and then nodes: at most a thousand of each, so that it takes no time;
-- servers call it at their start and every hour. Returns how many loops. A loop is not used again: a backend of it that is
-- still somewhere finds no row, which the fence takes for a fenced one. A live one that never got lanes goes when its node's
-- lease has lapsed for an hour; what a commit or a takeover holds right now waits for the next time.
CREATE FUNCTION forget_dead_loops() RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  forgotten bigint;
BEGIN
  DELETE FROM pawl.engine_loops
  WHERE loop_id IN (SELECT l.loop_id
                    FROM pawl.engine_loops l
                    JOIN pawl.engine_nodes n USING (node_id)
                    WHERE (l.state = 'fenced' OR n.lease_until < clock_timestamp() - interval '1 hour')
                      AND NOT EXISTS (SELECT FROM pawl.engine_lanes e WHERE e.loop_id = l.loop_id)
                    LIMIT 1000
                    FOR UPDATE OF l SKIP LOCKED);
  GET DIAGNOSTICS forgotten = ROW_COUNT;
  DELETE FROM pawl.engine_nodes
  WHERE node_id IN (SELECT n.node_id
                    FROM pawl.engine_nodes n
                    WHERE n.lease_until < clock_timestamp() - interval '1 hour'
                      AND NOT EXISTS (SELECT FROM pawl.engine_loops l WHERE l.node_id = n.node_id)
                    LIMIT 1000
                    FOR UPDATE OF n SKIP LOCKED);
  RETURN forgotten;
END $$;
GRANT EXECUTE ON FUNCTION forget_dead_loops() TO pawl_engine;
