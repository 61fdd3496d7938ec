-- For GET /v1/runs/{id}/explain: which node decides the runs of a lane. A tenant may know its name, and nothing else of
-- the engine's tables.
SET LOCAL ROLE pawl_owner;
SET LOCAL search_path = pawl;

CREATE FUNCTION lane_owner(of_lane smallint, OUT node text, OUT is_live boolean) LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  SELECT owner.name, loop.state = 'live' AND owner.lease_until > clock_timestamp()
  INTO node, is_live
  FROM pawl.engine_lanes owned
  JOIN pawl.engine_loops loop ON loop.loop_id = owned.loop_id
  JOIN pawl.engine_nodes owner ON owner.node_id = loop.node_id
  WHERE owned.lane = of_lane;
END $$;
GRANT EXECUTE ON FUNCTION lane_owner(smallint) TO pawl_reader;
