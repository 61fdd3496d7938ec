UPDATE pawl.engine_lanes
SET loop_id = $1::uuid,
    epoch = epoch + 1
WHERE loop_id IS NOT DISTINCT FROM $2::uuid
  AND lane = ANY ($3::smallint[])
RETURNING lane, epoch
