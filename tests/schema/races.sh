#!/usr/bin/env bash
# What takes two sessions: creators that race, a fence that waits for a commit in flight, upkeep that meets a lock.
# Speaks TAP. The argument is the conninfo of the tests' own database.
set -euo pipefail
here=$1
run() { psql --no-psqlrc --quiet --no-align --tuples-only --set ON_ERROR_STOP=1 --dbname "$here" "$@"; }
number=0
check() { # check DESCRIPTION GOT WANTED
  number=$((number + 1))
  if [ "$2" = "$3" ]; then echo "ok $number - $1"; else echo "not ok $number - $1: got '$2', wanted '$3'"; fi
}
# until_true QUERY: waits for a condition, at most ten seconds.
until_true() {
  for _ in $(seq 200); do
    [ "$(run --command "$1")" = t ] && return 0
    sleep 0.05
  done
  return 1
}

echo 1..6

# A session holds the lock that creators take; two creators queue behind it; then all go on.
coproc holder { psql --no-psqlrc --quiet --dbname "$here" >/dev/null 2>&1; }
echo "BEGIN; SELECT pg_advisory_xact_lock(5058135470117);" >&"${holder[1]}"
until_true "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"
run --command "SET ROLE pawl_engine; SELECT pawl.create_workflow_events_partition('2020-05-01'::date)" >"$TMPDIR/first" 2>&1 &
first=$!
run --command "SELECT pawl.create_workflow_events_partition('2020-05-31'::date)" >"$TMPDIR/second" 2>&1 &
second=$!
until_true "SELECT count(*) = 2 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
echo "COMMIT;" >&"${holder[1]}"
wait "$first" "$second" || true
check "the first of two racing creators" "$(cat "$TMPDIR/first")" workflow_events_y2020m05
check "the second" "$(cat "$TMPDIR/second")" workflow_events_y2020m05
check "one partition is there" "$(run --command "SELECT count(*) FROM pawl.workflow_events_partitions() WHERE partition::text LIKE '%2020m05'")" 1

# Upkeep does not wait behind somebody who holds the DEFAULT partition: it says so and goes on.
run --command "DO \$\$ BEGIN EXECUTE format('DROP TABLE %s', (SELECT max(partition::text) FROM pawl.workflow_events_partitions())); END \$\$"
echo "BEGIN; LOCK TABLE pawl.workflow_events_default IN ROW EXCLUSIVE MODE;" >&"${holder[1]}"
until_true "SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'pawl.workflow_events_default'::regclass AND mode = 'RowExclusiveLock' AND granted)"
check "upkeep goes on where a lock is held" "$(run --command "SELECT count(*) FROM pawl.maintain_workflow_events_partitions()" 2>/dev/null)" 0
echo "COMMIT;" >&"${holder[1]}"
until_true "SELECT NOT EXISTS (SELECT FROM pg_locks WHERE relation = 'pawl.workflow_events_default'::regclass AND mode = 'RowExclusiveLock')"
check "and makes it up later" "$(run --command "SELECT count(*) FROM pawl.maintain_workflow_events_partitions()")" 1

# To fence a loop waits for its commit in flight.
run --command "INSERT INTO pawl.engine_nodes VALUES ('00000000-0000-0000-0000-0000000000f1', 'n', NULL, 1, now());
               INSERT INTO pawl.engine_loops VALUES ('00000000-0000-0000-0000-0000000000f2', '00000000-0000-0000-0000-0000000000f1', 1, now());"
echo "BEGIN; SELECT pawl.fence('00000000-0000-0000-0000-0000000000f2'); SELECT pg_advisory_xact_lock(1);" >&"${holder[1]}"
until_true "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 1 AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"
state=$(run --command "SET lock_timeout = '50ms'; UPDATE pawl.engine_loops SET state = 'fenced'" 2>&1 | grep -c 'lock timeout' || true)
check "a commit in flight keeps its loop from being fenced" "$state" 1
echo "COMMIT;" >&"${holder[1]}"
exec {holder[1]}>&-
wait || true
