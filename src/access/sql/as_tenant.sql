SELECT pawl.as_tenant($1)
