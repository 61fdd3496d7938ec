-- What reaches a run from elsewhere than its owner, and the functions by which applications do so in transactions of their
-- own (engine-protocol.md, sections 6, 8 and 9). Errors: PW003 stale token, PW004 no tenant, PW005 no such definition, run or
-- task, PW006 key used for another request, PW007 an argument that cannot be.
SET LOCAL ROLE pawl_owner;
SET LOCAL search_path = pawl;

CREATE TYPE inbox_kind AS ENUM ('start', 'cancel', 'complete', 'fail');

-- No foreign key: its run may not exist yet. The owner of the lane deletes a row, counted, in the commit of what it caused.
CREATE TABLE run_inbox (
  tenant_id uuid NOT NULL,
  inbox_id uuid NOT NULL DEFAULT gen_random_uuid(),
  run_id uuid NOT NULL,
  lane smallint NOT NULL,                      -- the run's
  kind inbox_kind NOT NULL,
  payload jsonb NOT NULL,                      -- what it is about
  content jsonb,                               -- what the application gave: an input, an output, an error
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT run_inbox_pkey PRIMARY KEY (tenant_id, inbox_id),
  CONSTRAINT run_inbox_lane_check CHECK (lane BETWEEN 0 AND 4095)
);
COMMENT ON TABLE run_inbox IS 'what applications have asked of runs, until their owner has done it';
-- Not by lane: an owner has thousands of them, and most of the time there is no row at all.
CREATE INDEX run_inbox_order_idx ON run_inbox (inbox_id);
COMMENT ON INDEX run_inbox_order_idx IS 'an owner reads all rows in windows, those of its own lanes';
CREATE INDEX run_inbox_run_idx ON run_inbox (tenant_id, run_id);
COMMENT ON INDEX run_inbox_run_idx IS 'a run that is not there yet: GET /v1/runs/{id}, cancel_run()';

SELECT secure_tenant_table('run_inbox');
GRANT SELECT ON run_inbox TO pawl_engine, pawl_app, pawl_reader;
GRANT INSERT, DELETE ON run_inbox TO pawl_engine;

-- Whether a loop sleeps and wants to be woken by NOTIFY. A row of its own: engine_loops is locked by every commit, and a
-- loop has thousands of lanes.
CREATE TABLE engine_doorbells (
  loop_id uuid NOT NULL,
  armed boolean NOT NULL,
  CONSTRAINT engine_doorbells_pkey PRIMARY KEY (loop_id),
  CONSTRAINT engine_doorbells_loop_fk FOREIGN KEY (loop_id) REFERENCES engine_loops (loop_id) ON DELETE CASCADE
) WITH (fillfactor = 50);
COMMENT ON TABLE engine_doorbells IS 'loops that sleep: who writes into their inbox wakes them';
GRANT SELECT, INSERT, UPDATE ON engine_doorbells TO pawl_engine;

-- At the very end of the writer's transaction, so that the lock is held as long as its flush takes: whoever arms the bell
-- waits for it, and then looks. A NOTIFY takes a lock on the whole database, so it is sent only to who sleeps. A transaction
-- that must not see what came after its snapshot cannot look, and always rings.
CREATE FUNCTION ring_doorbell() RETURNS trigger LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  owner uuid := (SELECT loop_id FROM pawl.engine_lanes WHERE lane = NEW.lane);
  sleeps boolean := true;
BEGIN
  IF owner IS NULL THEN
    RETURN NULL;                               -- whoever takes the lane looks
  END IF;
  IF current_setting('transaction_isolation') = 'read committed' THEN
    sleeps := (SELECT armed FROM pawl.engine_doorbells WHERE loop_id = owner FOR SHARE);
  END IF;
  IF sleeps THEN
    PERFORM pg_notify('pawl_' || replace(owner::text, '-', ''), '');
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER run_inbox_doorbell AFTER INSERT ON run_inbox DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION ring_doorbell();

-- ---- what the functions below share; nobody else may call it

CREATE FUNCTION caller_tenant() RETURNS uuid LANGUAGE plpgsql STABLE AS $$
DECLARE
  tenant uuid := nullif(current_setting('pawl.tenant_id', true), '')::uuid;
BEGIN
  IF tenant IS NULL THEN
    RAISE EXCEPTION 'no tenant is set' USING ERRCODE = 'PW004', HINT = 'Call pawl.as_tenant(tenant_id) first in this transaction.';
  END IF;
  RETURN tenant;
END $$;

CREATE FUNCTION lane_of(id uuid) RETURNS smallint LANGUAGE sql IMMUTABLE AS $$
  SELECT ((get_byte(uuid_send(id), 14) & 15) << 8 | get_byte(uuid_send(id), 15))::smallint
$$;

CREATE FUNCTION put_inbox(tenant uuid, run uuid, what pawl.inbox_kind, about jsonb, content jsonb) RETURNS void LANGUAGE sql VOLATILE AS $$
  INSERT INTO pawl.run_inbox (tenant_id, run_id, lane, kind, payload, content)
  VALUES (tenant, run, pawl.lane_of(run), what, jsonb_strip_nulls(about), content)
$$;

-- As the HTTP API's: at most 1 MiB of text, and 128 levels.
CREATE FUNCTION check_json(what text, value jsonb) RETURNS void LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  PERFORM pawl.check_bytes(what, octet_length(value::text), 1048576);
  IF jsonb_path_exists(value, '$.**{128}') THEN
    RAISE EXCEPTION '% is nested too deeply', what USING ERRCODE = 'PW007', HINT = 'At most 128 levels are allowed.';
  END IF;
END $$;

CREATE FUNCTION check_bytes(what text, bytes integer, most integer) RETURNS void LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF bytes > most THEN
    RAISE EXCEPTION '% has % bytes', what, bytes USING ERRCODE = 'PW007', HINT = format('At most %s are allowed.', most);
  END IF;
END $$;

-- The id of a run follows from its key alone (section 8): version 8 of the sha256 of length-prefixed parts, as the engine
-- computes it (sha256_parts in src/base/hash.cc). Without a key it is random, with the time in front (version 7).
CREATE FUNCTION run_id_of_key(tenant uuid, definition text, key text) RETURNS uuid LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  part bytea;
  parts bytea := '';
BEGIN
  FOREACH part IN ARRAY ARRAY[uuid_send(tenant), convert_to('start', 'UTF8'), convert_to(definition, 'UTF8'), convert_to(key, 'UTF8')] LOOP
    parts := parts || int8send(octet_length(part)) || part;
  END LOOP;
  parts := substr(sha256(parts), 1, 16);
  parts := set_byte(parts, 6, get_byte(parts, 6) & 15 | 128);
  RETURN encode(set_byte(parts, 8, get_byte(parts, 8) & 63 | 128), 'hex')::uuid;
END $$;

CREATE FUNCTION random_run_id() RETURNS uuid LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  milliseconds bytea := int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint);
  id bytea := substr(milliseconds, 3, 6) || substr(uuid_send(gen_random_uuid()), 7);
BEGIN
  RETURN encode(set_byte(id, 6, get_byte(id, 6) & 15 | 112), 'hex')::uuid;
END $$;

-- ---- for applications

-- Starts a run of the active version, or of the one that is named, when the caller's transaction commits; its id is known at
-- once. The same key answers the same run; with another definition, version or input it is refused.
CREATE FUNCTION start_run(definition text, input jsonb DEFAULT '{}', idempotency_key text DEFAULT NULL, version text DEFAULT NULL)
RETURNS uuid LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  tenant uuid := pawl.caller_tenant();
  named text := start_run.version;
  hash bytea;
  known record;
  run uuid;
BEGIN
  PERFORM pawl.check_json('the input', input);
  PERFORM pawl.check_bytes('the idempotency key', octet_length(idempotency_key), 255);
  IF idempotency_key = '' OR input IS NULL THEN
    RAISE EXCEPTION '%', CASE WHEN input IS NULL THEN 'the input is NULL' ELSE 'the idempotency key is empty' END USING ERRCODE = 'PW007';
  END IF;
  SELECT v.version INTO start_run.version
  FROM pawl.workflow_definitions d
  JOIN pawl.workflow_definition_versions v ON v.tenant_id = d.tenant_id AND v.definition_id = d.definition_id
  WHERE d.tenant_id = tenant
    AND d.namespace = split_part(start_run.definition, '/', 1)
    AND d.name = split_part(start_run.definition, '/', 2)
    AND start_run.definition = d.namespace || '/' || d.name
    AND CASE WHEN named IS NULL THEN v.version_id = d.active_version_id ELSE v.version = named END;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is no definition %', concat_ws(' ', definition, named)
      USING ERRCODE = 'PW005', HINT = 'It is named namespace/name. Deploy it first: pawl deploy FILE.';
  END IF;
  IF idempotency_key IS NULL THEN
    run := pawl.random_run_id();
  ELSE
    run := pawl.run_id_of_key(tenant, definition, idempotency_key);
    hash := sha256(convert_to(jsonb_build_object('definition', definition, 'version', named, 'input', input)::text, 'UTF8'));
    SELECT found.sha256 INTO known
    FROM (SELECT r.request_sha256 AS sha256 FROM pawl.workflow_runs r WHERE r.tenant_id = tenant AND r.run_id = run
          UNION ALL
          SELECT decode(i.payload ->> 'requestSha256', 'hex') FROM pawl.run_inbox i
          WHERE i.tenant_id = tenant AND i.run_id = run AND i.kind = 'start') AS found
    LIMIT 1;
    IF FOUND THEN
      IF known.sha256 IS DISTINCT FROM hash THEN
        RAISE EXCEPTION 'this idempotency key was used for another request'
          USING ERRCODE = 'PW006', DETAIL = format('The run %s was started with it.', run), HINT = 'Use a new key for a new request.';
      END IF;
      RETURN run;
    END IF;
  END IF;
  PERFORM pawl.put_inbox(tenant, run, 'start', jsonb_build_object('definition', definition, 'version', start_run.version,
                         'idempotencyKey', idempotency_key, 'requestSha256', encode(hash, 'hex')), input);
  RETURN run;
END $$;

-- Cancels a run when the caller's transaction commits. False: it had ended before.
CREATE FUNCTION cancel_run(run_id uuid, reason text DEFAULT NULL)
RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  tenant uuid := pawl.caller_tenant();
  ended boolean;
BEGIN
  PERFORM pawl.check_bytes('the reason', octet_length(reason), 1024);
  ended := (SELECT r.ended_at IS NOT NULL FROM pawl.workflow_runs r WHERE r.tenant_id = tenant AND r.run_id = cancel_run.run_id);
  IF ended THEN
    RETURN false;
  END IF;
  IF ended IS NULL AND NOT EXISTS (SELECT FROM pawl.run_inbox i
                                   WHERE i.tenant_id = tenant AND i.run_id = cancel_run.run_id AND i.kind = 'start') THEN
    RAISE EXCEPTION 'there is no run %', run_id USING ERRCODE = 'PW005';
  END IF;
  PERFORM pawl.put_inbox(tenant, run_id, 'cancel', jsonb_build_object('reason', reason), NULL);
  RETURN true;
END $$;

-- The end of a task in its worker's own transaction. The row is the arbiter: whoever waits for its lock finds it completing,
-- and whoever was there before has made the token stale. True: it was completed just now; false: by this token, before.
CREATE FUNCTION end_task(token text, what pawl.inbox_kind, content jsonb)
RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  tenant uuid := pawl.caller_tenant();
  bytes bytea;
  invocation uuid;
  attempt_of_token bigint;
  lease_of_token bigint;
  run uuid;
  known record;
BEGIN
  IF token !~ '^[A-Za-z0-9_-]{55}$' THEN
    RAISE EXCEPTION 'this is no token of a task' USING ERRCODE = 'PW005';
  END IF;
  bytes := decode(translate(token, '-_', '+/') || '=', 'base64');
  invocation := encode(substr(bytes, 18, 16), 'hex')::uuid;
  attempt_of_token := ('x' || encode(substr(bytes, 34, 4), 'hex'))::bit(32)::bigint;
  lease_of_token := ('x' || encode(substr(bytes, 38, 4), 'hex'))::bit(32)::bigint;
  IF get_byte(bytes, 0) <> 1 OR encode(substr(bytes, 2, 16), 'hex')::uuid <> tenant THEN
    RAISE EXCEPTION 'this is no token of a task' USING ERRCODE = 'PW005';
  END IF;
  UPDATE pawl.workflow_action_invocations i
  SET status = 'completing'
  WHERE i.tenant_id = tenant
    AND i.invocation_id = invocation
    AND i.attempt = attempt_of_token
    AND i.lease = lease_of_token
    AND i.lease > 0
    AND i.status IN ('ready', 'leased')
  RETURNING i.run_id INTO run;
  IF FOUND THEN
    PERFORM pawl.put_inbox(tenant, run, what, jsonb_build_object('invocation', invocation, 'attempt', attempt_of_token, 'lease', lease_of_token), content);
    RETURN true;
  END IF;
  SELECT i.status, i.resolution, i.attempt, i.lease INTO known
  FROM pawl.workflow_action_invocations i
  WHERE i.tenant_id = tenant
    AND i.invocation_id = invocation;
  IF NOT FOUND OR (known.attempt, known.lease) < (attempt_of_token, lease_of_token) THEN
    RAISE EXCEPTION 'there is no such task' USING ERRCODE = 'PW005';
  END IF;
  IF (known.attempt, known.lease) = (attempt_of_token, lease_of_token)
     AND (known.status = 'completing' OR known.resolution IN ('completed', 'failed') AND known.status = 'resolved') THEN
    RETURN false;
  END IF;
  RAISE EXCEPTION 'the token is stale: the task has been given to somebody else, or nobody waits for it any more'
    USING ERRCODE = 'PW003', HINT = 'Roll back: what was done for it must not be kept.';
END $$;

CREATE FUNCTION complete_task(token text, output jsonb DEFAULT 'null')
RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM pawl.check_json('the output', output);
  RETURN pawl.end_task(token, 'complete', coalesce(output, 'null'));
END $$;

-- `error`: {type?, status?, title?, detail?}, and "effect": "unknown" when the work may have been done nevertheless.
CREATE FUNCTION fail_task(token text, error jsonb)
RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM pawl.check_json('the error', error);
  IF jsonb_typeof(error) IS DISTINCT FROM 'object' THEN
    RAISE EXCEPTION 'the error is no object' USING ERRCODE = 'PW007', HINT = '{"title": "…", "status": 500, "detail": "…"}';
  END IF;
  RETURN pawl.end_task(token, 'fail', error);
END $$;

GRANT EXECUTE ON FUNCTION start_run(text, jsonb, text, text), cancel_run(uuid, text), complete_task(text, jsonb), fail_task(text, jsonb)
  TO pawl_app;
