#!/usr/bin/env bash
# A private PostgreSQL for tests, reached by a socket in its own directory.
#
#   tests/postgres.sh start [DIR]   starts it, or finds it running, and prints the conninfo of a superuser
#   tests/postgres.sh stop [DIR]    stops it and removes DIR
#
#   export PAWL_TEST_PG="$(tests/postgres.sh start)"
#
# DIR is ${TMPDIR:-/tmp}/pawl-pg-UID unless given; keep it short, a socket's path has at most 107 bytes. With
# PAWL_TEST_PG_OWNER=PID the server stops by itself when that process ends, however it ends. Nothing is flushed to disk:
# what tests durability starts a server of its own.
set -euo pipefail

bin=${PAWL_PG_BIN_DIR:-/usr/lib/postgresql/15/bin}
action=${1:-}
dir=$(realpath --canonicalize-missing "${2:-${TMPDIR:-/tmp}/pawl-pg-$(id -u)}")
self=$(readlink -f "$0")
# The server's user may not enter the folder in which root calls this.
cd /

# PostgreSQL refuses to run as root; the package made the user postgres.
as_server() {
  if [ "$(id -u)" -eq 0 ]; then
    setpriv --reuid=postgres --regid=postgres --init-groups --reset-env "$@"
  else
    "$@"
  fi
}

running() {
  [ -f "$dir/data/postmaster.pid" ] && as_server "$bin/pg_ctl" --pgdata "$dir/data" status >/dev/null 2>&1
}

create() {
  rm -rf "$dir/data"
  mkdir -p "$dir"
  chmod 700 "$dir"
  [ "$(id -u)" -ne 0 ] || chown postgres:postgres "$dir"
  as_server "$bin/initdb" --pgdata "$dir/data" --username postgres --auth trust --encoding UTF8 --locale C.UTF-8 \
    --no-sync >"$dir/initdb.log" 2>&1 || { cat "$dir/initdb.log" >&2; exit 1; }
  cat >>"$dir/data/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$dir'
max_connections = 200
shared_buffers = 128MB
fsync = off
full_page_writes = off
timezone = 'UTC'
log_line_prefix = '%m [%p] %a %d '
CONF
}

# Two starts at once would both create; the server itself must not inherit the lock.
lock() {
  exec 9>"$dir.lock"
  flock 9
}

start() {
  lock
  if ! running; then
    [ -f "$dir/ready" ] || create
    as_server "$bin/pg_ctl" --pgdata "$dir/data" --log "$dir/server.log" --wait start </dev/null >/dev/null 2>&1 9>&- ||
      { tail -n 20 "$dir/server.log" >&2; exit 1; }
    as_server touch "$dir/ready"
  fi
  if [ -n "${PAWL_TEST_PG_OWNER:-}" ]; then
    # The server's own parent is init: this waits for the owner and stops it.
    setsid sh -c "tail --pid='$PAWL_TEST_PG_OWNER' -f /dev/null; '$self' stop '$dir'" >/dev/null 2>&1 </dev/null 9>&- &
  fi
  echo "host=$dir port=5432 user=postgres dbname=postgres"
}

stop() {
  lock
  if running; then as_server "$bin/pg_ctl" --pgdata "$dir/data" --mode immediate --wait stop >/dev/null; fi
  rm -rf "$dir" "$dir.lock"
}

case $action in
  start) start ;;
  stop) stop ;;
  *) sed -n '2,/^set /{/^#/p}' "$self" >&2; exit 2 ;;
esac
