# Follows a run that goes on without its client: what its journal holds from a byte on, until it ends or turns out to be dead.
serve() {
  IFS=' ' read -r MARK RUN _ <"$1/head"
  exec 3<&0 # What runs in the background would hear nothing of standard input itself.
  rm -rf "$1"
  if [ "$(id -u)" = 0 ]; then
    STATE=${TASKS_STATE:-/var/lib/tasks} RUNS=${TASKS_RUN:-/run/tasks}
  else
    STATE=${TASKS_STATE:-${XDG_STATE_HOME:-$HOME/.local/state}/tasks} RUNS=${TASKS_RUN:-${XDG_RUNTIME_DIR:-/dev/shm}/tasks-$(id -un)}
  fi
  follow "$STATE/runs/$RUN" "$RUNS/$RUN"
}

follow() { # JOURNAL_FOLDER RUN_FOLDER
  if [ ! -f "$1/journal" ]; then printf '\n%s finish never\n' "$MARK"; return; fi
  printf '\n%s attached\n' "$MARK"
  tail -c "+$((OFFSET + 1))" -f "$1/journal" &
  tail_pid=$!
  obey "$2" <&3 3<&- &
  obey_pid=$!
  while is_running "$1" "$2"; do sleep 0.3; done
  kill "$tail_pid" "$obey_pid" 2>/dev/null
  wait "$tail_pid" 2>/dev/null
  [ -e "$1/finished" ] || printf '\n%s finish dead\n' "$MARK"
}

# One more look after the end, so that tail has passed on the last bytes.
is_running() {
  if [ ! -e "$1/finished" ] && read -r pid 2>/dev/null <"$2/pid" && kill -0 "$pid" 2>/dev/null; then return 0; fi
  sleep 1
  return 1
}

obey() {
  while IFS= read -r line; do
    case $line in
      stop) : >"$1/stop" ;;
      kill) : >"$1/stop"; : >"$1/killed" ;;
    esac
  done
}
