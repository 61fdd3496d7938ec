# shellcheck shell=bash
# Sourced by ./dev: runs long work quietly and shows that it goes on.

# report TITLE LOG: on a terminal one line that moves, elsewhere a line every half minute, until its standard input ends.
report() {
  local title=$1 log=$2 started=$SECONDS pause=30 columns=100 last ended
  if [ -t 2 ]; then
    pause=0.5
    columns=$(tput cols 2>/dev/null || echo 80)
  fi
  while true; do
    ended=0
    read -r -t "$pause" || ended=$?
    [ "$ended" -gt 128 ] || break # more is a pause that is over
    last=$(tail -n 1 "$log" 2>/dev/null | tr -cd '[:print:]' || true)
    last=$(printf '%s … %d s  %s' "$title" $((SECONDS - started)) "$last" | cut -c "1-$((columns - 1))")
    if [ -t 2 ]; then printf '\r\033[K%s' "$last" >&2; else printf '%s\n' "$last" >&2; fi
  done
  [ ! -t 2 ] || printf '\r\033[K' >&2
}

# with_progress TITLE LOG COMMAND...: the command's output goes to the log; its end is shown when it fails.
with_progress() {
  local title=$1 log=$2 started=$SECONDS status=0 going reporter
  shift 2
  : >"$log"
  # It goes by a pipe that ends with this shell, however that ends; a signal could come before a trap for it.
  exec {going}> >(report "$title" "$log")
  reporter=$!
  "$@" >"$log" 2>&1 </dev/null {going}>&- || status=$?
  exec {going}>&-
  wait "$reporter" || true
  if [ "$status" -ne 0 ]; then
    # Ninja goes on with what has begun: its first failure may be far above the end.
    { grep -m 1 -A 59 '^FAILED:' "$log" || tail -n 60 "$log"; } >&2
    printf '%s failed; the whole log is %s\n' "$title" "$log" >&2
    return "$status"
  fi
  # What took no time needs no line.
  [ $((SECONDS - started)) -lt 2 ] || printf '%s: %d s\n' "$title" $((SECONDS - started)) >&2
}
