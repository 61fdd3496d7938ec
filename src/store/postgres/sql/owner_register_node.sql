INSERT INTO pawl.engine_nodes (node_id, name, address, format, lease_until)
VALUES ($1::uuid, $2::text, nullif($3::text, ''), $4::smallint, clock_timestamp() + $5::interval)
ON CONFLICT (node_id) DO UPDATE
SET name = excluded.name,
    address = excluded.address,
    format = excluded.format,
    lease_until = excluded.lease_until
RETURNING clock_timestamp()
