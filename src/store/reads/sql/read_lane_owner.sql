SELECT node, is_live
FROM pawl.lane_owner($1::smallint)
