# ── Follows a run that goes on without its client, or somebody else's: what its journal holds from a byte on, until it ends or turns out to be dead.

serve() {
  IFS=' ' read -r MARK RUN _ <"$1/head"
  exec 3<&0 # What runs in the background would hear nothing of standard input itself.
  rm -rf "$1"
  umask 077
  find_places
  if [ -n "$WANTED" ]; then follow_other; else follow_own; fi
}

follow_own() {
  LEFT=$STATE/runs/$RUN
  if ! has_begun; then say finish never; return; fi
  say attached
  obey "$RUNS/$RUN" <&3 3<&- &
  follow
}

# Its client was told that nothing began, so nothing may begin: a program that arrives late finds its folder taken.
has_begun() {
  mkdir -p "$STATE/runs" && chmod 711 "$STATE"
  if mkdir "$LEFT" 2>/dev/null; then return 1; fi
  is_written
}

# The journal of a run that is just beginning is not there yet.
is_written() {
  until [ -f "$LEFT/journal" ]; do
    is_alive "$RUN" || { [ -f "$LEFT/journal" ]; return; }
    sleep 0.1
  done
}

# Nothing is passed on to another one's run: who leaves it, leaves it alone.
follow_other() {
  if ! found && ! { [ "$WANTED" = last ] && RUN=$newest && [ -n "$RUN" ]; }; then say finish none; return; fi
  look_at_run "$RUN"
  LEFT=$run_folder
  say plan
  cat "$LEFT/plan"
  say found "$run_mark $run_mode $run_who"
  obey /nowhere <&3 3<&- &
  if is_written; then follow; else say finish dead; fi
}

# The newest that was asked for. One that did nothing, because another one was at work, is not what anybody means by the last.
found() {
  newest=
  for head in $(known_heads); do
    RUN=${head%/head}
    look_at_run "$RUN" || continue
    [ "$SITE" = - ] || [ "$SITE" = "${run_who##* }" ] || continue
    [ "$WANTED" != "$RUN" ] || return 0
    newest=${newest:-$RUN}
    case $WANTED:$run_state in last:locked | last:lost) ;; last:*) return 0 ;; esac
  done
  return 1
}

# Piece by piece, none of them twice. The last words of the dead are ours.
follow() {
  obey_pid=$!
  while :; do
    running=
    if [ ! -e "$LEFT/finished" ] && is_alive "$RUN"; then running=1; else sleep 0.1; fi
    size=$(wc -c <"$LEFT/journal")
    if [ "$size" -gt "$OFFSET" ]; then
      tail -c "+$((OFFSET + 1))" "$LEFT/journal" | head -c "$((size - OFFSET))"
      OFFSET=$size
    elif [ -n "$running" ]; then sleep 0.3
    else break
    fi
  done
  kill "$obey_pid" 2>/dev/null
  say finish dead
}

# Whoever follows is heard, and is not told more than they are there to hear.
obey() { # FOLDER of the run, where there is one that listens to them
  while IFS= read -r line; do
    case $1:$line in
      /nowhere:*) ;;
      *:stop) : >"$1/stop" ;;
      *:kill) : >"$1/stop"; : >"$1/killed" ;;
    esac
  done
  kill "$$"
}
