# shellcheck shell=bash
# Sourced by ./dev: runs long work quietly and shows that it goes on.

reporter=

stop_reporter() {
  [ -n "$reporter" ] || return 0
  kill "$reporter" 2>/dev/null || true
  wait "$reporter" 2>/dev/null || true
  reporter=
  [ ! -t 2 ] || printf '\r\033[K' >&2
}

# report TITLE LOG: on a terminal one line that moves, elsewhere a line every half minute.
report() {
  local title=$1 log=$2 started=$SECONDS pause=30 columns=100 last pausing=
  if [ -t 2 ]; then
    pause=0.5
    columns=$(tput cols 2>/dev/null || echo 80)
  fi
  # The pause must not outlive this, nor hold the terminal or a pipe open. The signal may come before the first one.
  trap 'kill $pausing 2>/dev/null; exit 0' TERM
  while true; do
    sleep "$pause" >/dev/null 2>&1 &
    pausing=$!
    wait "$pausing"
    last=$(tail -n 1 "$log" 2>/dev/null | tr -cd '[:print:]' || true)
    last=$(printf '%s … %d s  %s' "$title" $((SECONDS - started)) "$last" | cut -c "1-$((columns - 1))")
    if [ -t 2 ]; then printf '\r\033[K%s' "$last" >&2; else printf '%s\n' "$last" >&2; fi
  done
}

# with_progress TITLE LOG COMMAND...: the command's output goes to the log; its end is shown when it fails.
with_progress() {
  local title=$1 log=$2 started=$SECONDS status=0
  shift 2
  report "$title" "$log" &
  reporter=$!
  "$@" >"$log" 2>&1 </dev/null || status=$?
  stop_reporter
  if [ "$status" -ne 0 ]; then
    # Ninja goes on with what has begun: its first failure may be far above the end.
    { grep -m 1 -A 59 '^FAILED:' "$log" || tail -n 60 "$log"; } >&2
    printf '%s failed; the whole log is %s\n' "$title" "$log" >&2
    return "$status"
  fi
  # What took no time needs no line.
  [ $((SECONDS - started)) -lt 2 ] || printf '%s: %d s\n' "$title" $((SECONDS - started)) >&2
}
