# ── The run.

body() {
  exec 3<&0 </dev/null 5<>"$R/answers"
  sequence=0 worker_user='' changes=0 at=0 OVER='' wrong='' consent='' prove='' undecided='' VALUES=''
  DATA=$R/data
  forget_looks
  say hello "$RUN"
  tell_before
  receive_data
  if [ -n "$lost" ]; then finish lost; return; fi
  watch </dev/null >/dev/null 2>&1 3<&- &
  watch_pid=$!
  listen <&3 >/dev/null 2>&1 &
  listen_pid=$!
  steps
  prove
  exec 9>&-
  stop_worker
  kill "$watch_pid" "$listen_pid" 2>/dev/null
  leave_debts
  finish "${OVER:-${wrong:-done}}"
}

finish() {
  came_to="$1 $changes $at"
  say finish "$came_to"
}

# Whoever comes after a run that did not come to its end is told where that was. One that never began counts for nothing.
tell_before() {
  [ -n "$CAN_CHANGE" ] && [ -n "$MARK" ] || return 0
  for head in $(known_heads); do
    name=${head%/head}
    [ "$name" != "$RUN" ] && look_at_run "$name" && [ "${run_who##* }" = "${HOLDER##* }" ] || continue
    case $run_state in
      locked | lost | unprepared) continue ;;
      interrupted | died) words_of_run; say before "$run_words" ;;
    esac
    return 0
  done
}

prepare() {
  unprepared=unprepared made=''
  find_places
  R=$RUNS/$RUN STORE=$STATE/store OWED=$STATE/owed LOCKS=$RUNS/locks JOURNAL=$RUNS/$RUN/journal LEFT=$STATE/runs/$RUN
  umask 077
  make_passable "$RUNS" "$LOCKS" || return 1
  if ! mkdir -m 711 "$R" 2>/dev/null; then
    [ ! -d "$R" ] || unprepared=twice # the client knows this machine by another name, too
    return 1
  fi
  made=$R
  mkdir -m 711 "$R/data" "$R/now" || return 1
  mkfifo "$R/answers" "$R/stream" "$R/masked"
  printf 'idle 0\n' >"$R/now/step"
  printf '%s\n' "$$" >"$R/pid"
  clear_dead_runs
  leaves_traces || return 0
  make_passable "$STATE" "$STATE/runs" "$OWED" && make_passable "$STORE" || return 1
  [ -n "$MARK" ] || return 0 # a person at the host keeps no journal
  # A client that has come back in vain has made this folder, so that a program that arrives late does not begin.
  mkdir "$LEFT" && plan >"$LEFT/plan" && printf '%s\n' "$MARK $RUN $MODE $WAIT $HOLDER" >"$LEFT/head" || return 1
  JOURNAL=$LEFT/journal
}

# The first may be gone through by everybody, to what is theirs in it; the others are nobody else's.
make_passable() { # FOLDER FOLDER …
  [ -d "$1" ] || mkdir -p -m 711 "$1" || return 1
  shift
  for folder in "$@"; do [ -d "$folder" ] || mkdir -p "$folder" || return 1; done
}

# A dry run, and a program that only looks, write nothing that outlives them.
leaves_traces() {
  [ "$MODE" != dry-run ] && [ -n "$CAN_CHANGE" ]
}

plan() {
  number=0
  while [ "$number" -lt "$STEPS" ]; do
    number=$((number + 1))
    eval "printf '%s\n' \"\$plan_$number\""
  done
}

# A run that was killed left its folder, perhaps with secrets in it. One that is about to write its number is alive.
clear_dead_runs() {
  for folder in "$RUNS"/*/; do
    folder=${folder%/}
    [ ! -s "$folder/pid" ] || is_alive "${folder##*/}" || rm -rf "$folder"
  done
}

receive_secrets() {
  while IFS=' ' read -r id length; do
    take_bytes "$length" "$R/data/$id"
  done
}

# What a step leaves running may hold the stream open for ever: the run is over when its last frame is in the journal.
journaled() {
  said=stream mask_pid=''
  hidden >"$R/mask"
  [ ! -s "$R/mask" ] || masked
  (
    trap '' PIPE
    exec tee "$JOURNAL" <"$R/$said" 2>/dev/null 3<&- 5<&-
  ) &
  tee_pid=$!
  "$@" >"$R/stream" 2>&1
  until grep -q -F "$LAST_FRAME" "$JOURNAL"; do
    kill -0 "$tee_pid" 2>/dev/null && sleep 0.02 || break
  done
  kill "$tee_pid" $mask_pid 2>/dev/null
}

# No secret in a journal, nor on the way to the client, whatever a step prints. Our own frames are left alone.
masked() {
  LC_ALL=C stdbuf -oL sed -e "/^$MARK /b" -f "$R/mask" <"$R/stream" >"$R/masked" 2>/dev/null 3<&- 5<&- &
  mask_pid=$! said=masked
}

serve() { # FOLDER where the bootstrap put the head, the program and the secrets
  IFS=' ' read -r MARK RUN MODE WAIT HOLDER <"$1/head"
  trap '' HUP
  if ! prepare; then
    rm -rf "$1" ${made:+"$made"}
    say finish "$unprepared"
    exit 0
  fi
  (umask 022 && exec cat "$1/program" >"$R/program")
  receive_secrets <"$1/secrets"
  rm -rf "$1"
  LAST_FRAME="$MARK finish "
  journaled body
  if leaves_traces; then
    printf '%s\n' "$came_to" >"$LEFT/finished"
    forget_old_runs "$STATE/runs"/*/
  fi
  rm -rf "$R"
}

# The journals of the last hundred runs stay; their names begin with the time.
forget_old_runs() {
  while [ "$#" -gt 100 ]; do
    rm -rf "$1"
    shift
  done
}

# The same by a person: the script holds its own data, and says what it does in words.
by_hand() {
  if [ -n "$LEFT_OUT" ]; then
    printf 'This script needs secrets that it does not hold: %s. Print it again with --include-secrets.\n' "$LEFT_OUT" >&2
    exit 1
  fi
  MODE=${TASKS_MODE:-run} RUN=by-hand-$(date -u +%Y%m%dT%H%M%S)-$$ WAIT=wait MARK=''
  HOLDER="$(id -un) $(hostname) $(date -u +%Y-%m-%dT%H:%M:%SZ) $RUN by-hand -"
  prepare || { printf 'cannot make a folder for the run\n' >&2; exit 1; }
  # Other users read it, so it goes without the files: secrets may be among them.
  { sed '/^# ── The files that steps read\.$/,$d' "$0"; printf '%s\n' 'shift; work "$@"'; } >"$R/program"
  chmod 644 "$R/program"
  trap 'rm -rf "$R"' EXIT
  embedded "$R/data"
  body </dev/null
  [ "${OVER:-${wrong:-done}}" = done ]
}
