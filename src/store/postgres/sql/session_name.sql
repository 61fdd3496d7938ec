SELECT set_config('application_name', 'pawl loop ' || $1::uuid, false)
