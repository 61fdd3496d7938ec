SELECT loop_id, lane, epoch
FROM pawl.engine_lanes
WHERE loop_id IS NOT NULL
ORDER BY loop_id, lane
